package vision_test

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"

	"github.com/quintet-ai/quintet/vision"
)

func ExampleGIFFrames() {
	g := &gif.GIF{Delay: []int{5, 20}}
	for _, side := range []int{8, 4} { // the second covers a corner of the first
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, side, side), gifColors))
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, g); err != nil {
		fmt.Println(err)
		return
	}
	for frame, err := range vision.GIFFrames(&file, vision.Limits{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(frame.Index, frame.Image.Rect.Max, frame.Delay)
	}
	// Output:
	// 0 (8,8) 50ms
	// 1 (8,8) 200ms
}
