package video_test

import (
	"fmt"
	"image"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/video"
)

func ExampleScenes() {
	frames := func(yield func(vision.Picture, error) bool) {
		for i := range 40 {
			seed := uint64(1)
			if i >= 25 {
				seed = 2
			}
			if !yield(vision.Picture{Image: synth.Picture(seed, 64, 36)}, nil) {
				return
			}
		}
	}
	for scene, err := range video.Scenes(frames, video.SceneOptions{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(scene.First, scene.Last)
	}
	// Output:
	// 0 24
	// 25 39
}

func ExampleTracker() {
	t, err := video.NewTracker(video.TrackerOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range 3 { // objects of a detector, in any order
		left := vision.Object{Label: "car", Box: image.Rect(10+5*i, 20, 50+5*i, 40)}
		right := vision.Object{Label: "car", Box: image.Rect(100-5*i, 20, 140-5*i, 40)}
		found := []vision.Object{left, right}
		if i == 1 {
			found = []vision.Object{right, left}
		}
		tracks, err := t.Update(found)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, track := range tracks {
			fmt.Println(i, track.ID, track.Object.Box)
		}
	}
	// Output:
	// 0 1 (10,20)-(50,40)
	// 0 2 (100,20)-(140,40)
	// 1 1 (15,20)-(55,40)
	// 1 2 (95,20)-(135,40)
	// 2 1 (20,20)-(60,40)
	// 2 2 (90,20)-(130,40)
}
