package vision_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/vision"
)

// dottedPNG is a black picture of 192 by 64 pixels with a red square, as the bytes of
// a PNG.
func dottedPNG() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, dotted()); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

func ExampleObjectDetector() {
	// The model is a stand-in of three operators that finds what is red; use
	// optimize.OpenModel for yours.
	d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{
		Model: sight(), Labels: []string{"red thing"}, MinScore: 0.8,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	fmt.Println(d.Decoder())

	objects, err := d.Run(context.Background(), vision.Picture{Data: dottedPNG()})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range objects {
		fmt.Printf("%s %.1f at %v\n", o.Label, o.Score, o.Box)
	}
	// Output:
	// CenterNet
	// red thing 0.9 at (104,8)-(168,40)
}

func ExampleClassifier() {
	// The model is a stand-in that gives the three colours of one pixel.
	c, err := vision.NewClassifier(vision.ClassifierOptions{
		Model: echo(1, 1, false, onnxpb.Float), Labels: []string{"red", "green", "blue"}, MaxLabels: 2,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()

	m := image.NewNRGBA(image.Rect(0, 0, 64, 48))
	draw.Draw(m, m.Rect, image.NewUniform(color.NRGBA{R: 20, G: 180, B: 90, A: 255}), image.Point{}, draw.Src)
	labels, err := c.Run(context.Background(), vision.Picture{Image: m})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range labels {
		fmt.Printf("%s %.2f\n", l.Label, l.Score)
	}
	// Output:
	// green 0.76
	// blue 0.20
}

func ExampleEmbedder() {
	// The model is a stand-in whose vector is the picture itself, at 8 by 8 pixels.
	e, err := vision.NewEmbedder(vision.EmbedderOptions{Model: echo(8, 8, false, onnxpb.Float)})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()

	small, err := vision.Resize(photograph(300, 200), 60, 40, vision.Box)
	if err != nil {
		log.Fatal(err)
	}
	vectors, err := e.RunBatch(context.Background(), []vision.Picture{
		{Image: photograph(300, 200)}, {Image: small}, {Data: dottedPNG()},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range vectors[1:] {
		var cosine float32
		for i := range v {
			cosine += v[i] * vectors[0][i]
		}
		fmt.Println(len(v), cosine > 0.99)
	}
	// Output:
	// 192 true
	// 192 false
}

func ExampleSegmenter() {
	// The model is a stand-in that sees a foreground in the upper left quarter.
	model := modelOf(32, 32, answer{name: "mask", shape: []int{1, 2, 2}, data: []float32{0.9, 0.1, 0.1, 0.1}})
	s, err := vision.NewSegmenter(vision.SegmenterOptions{Model: model})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	r, err := s.Run(context.Background(), vision.Picture{Data: dottedPNG()})
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range r.Segments {
		fmt.Printf("%s %.0f%% in %v\n", g.Label, 100*g.Share, g.Box)
	}
	fmt.Println(r.Mask(1).AlphaAt(5, 5).A, r.Mask(1).AlphaAt(190, 60).A)
	// Output:
	// background 77% in (0,0)-(192,64)
	// foreground 23% in (0,0)-(96,32)
	// 255 0
}

func ExampleDepth() {
	// The model is a stand-in for which the right is nearer than the left.
	model := modelOf(32, 32, answer{name: "depth", shape: []int{1, 2}, data: []float32{3, 8}})
	d, err := vision.NewDepth(vision.DepthOptions{Model: model})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	m, err := d.Run(context.Background(), vision.Picture{Data: dottedPNG()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Min, m.Max)
	for _, x := range []int{0, 95, 191} {
		fmt.Printf("%.2f\n", float64(m.Near.Gray16At(x, 30).Y)/65535)
	}
	// Output:
	// 3 8
	// 0.00
	// 0.49
	// 1.00
}
