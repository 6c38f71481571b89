// Package video follows what is seen in the frames of a video: where a scene ends, which
// frame shows a scene best, and which box of one frame is that of the next.
//
//	v, err := vision.OpenY4M(os.Stdin, vision.Limits{})
//	for scene, err := range video.Scenes(v.Frames(), video.SceneOptions{}) {
//		fmt.Println(scene.First, scene.Last, scene.Key)
//	}
//
// Frames are pictures as package vision reads them ([vision.Y4M], [vision.MJPEGFrames],
// [vision.RawFrames]), or any others. [Scenes] needs no model. A [Tracker] follows the
// objects of a detector of the caller's.
//
// # Limits
//
// Video files are not decoded: another program must, and pipe its frames. A scene ends
// by a cut or by a fade through one colour; dissolves and wipes are slow changes like
// those of a moving camera, and are not seen. A Tracker knows boxes, not what is in
// them: objects of one class that meet, stop and part again may change their numbers.
package video
