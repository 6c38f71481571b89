package vision_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"

	"github.com/quintet-ai/quintet/vision"
)

// poster is a white sheet with an orange square, as the bytes of a PNG.
func poster() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			m.Set(x, y, color.White)
			if x >= 80 && x < 240 && y >= 60 && y < 180 {
				m.Set(x, y, color.RGBA{255, 128, 0, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

func ExamplePipeline_Run() {
	p, err := vision.New(vision.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	r, err := p.Run(context.Background(), vision.Picture{ID: "poster", Data: poster()})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Properties.Format, r.Properties.Width, r.Properties.Height)
	fmt.Println(r.Hashes.Perceptual)
	for _, c := range r.Colors {
		fmt.Printf("%s %.0f%%\n", c.Color, 100*c.Share)
	}
	// Output:
	// png 320 240
	// a000820000002000
	// #ffffff 75%
	// #ff8000 25%
}

func ExampleInspect() {
	info, err := vision.Inspect(bytes.NewReader(poster()), vision.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Format, info.Width, info.Height, info.Color)
	// Output: png 320 240 rgb
}

func ExampleDecode() {
	limits := vision.Limits{MaxPixels: 10_000}
	_, _, err := vision.Decode(bytes.NewReader(poster()), vision.DecodeOptions{Limits: limits})
	var limit *vision.LimitError
	if errors.As(err, &limit) {
		fmt.Println(limit.Field, limit.Got, limit.Max)
	}
	// Output: Pixels 76800 10000
}

func ExampleThumbnail() {
	m, _, err := vision.Decode(bytes.NewReader(poster()), vision.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, fit := range []vision.Fit{vision.FitContain, vision.FitCover} {
		t, err := vision.Thumbnail(m, 64, 64, fit)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(t.Bounds().Size())
	}
	// Output:
	// (64,48)
	// (64,64)
}

func ExampleHash_Distance() {
	m, _, err := vision.Decode(bytes.NewReader(poster()), vision.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	small, err := vision.Resize(m, 100, 75, vision.Lanczos3)
	if err != nil {
		log.Fatal(err)
	}
	a, err := vision.PerceptualHashes(m)
	if err != nil {
		log.Fatal(err)
	}
	b, err := vision.PerceptualHashes(small)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Perceptual.Distance(b.Perceptual) <= 5)
	// Output: true
}

func ExampleFaceDetector_Run() {
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	data, err := os.ReadFile("../examples/quickstart/samples/astronaut.jpg")
	if err != nil {
		log.Fatal(err)
	}
	faces, err := d.Run(context.Background(), vision.Picture{ID: "astronaut", Data: data})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range faces {
		fmt.Println("a face about", f.Box.Dx()/10*10, "pixels wide, the nose near", int(f.Landmarks.Nose.X)/10*10)
		fmt.Println("score above 0.8:", f.Score > 0.8)
	}
	// Output:
	// a face about 100 pixels wide, the nose near 220
	// score above 0.8: true
}

func ExampleBlurFaces() {
	f, err := os.Open("../examples/quickstart/samples/astronaut.jpg")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	m, _, err := vision.Decode(f, vision.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	ctx := context.Background()
	faces, err := d.Run(ctx, vision.Picture{Image: m})
	if err != nil {
		log.Fatal(err)
	}
	safe, err := vision.BlurFaces(m, faces)
	if err != nil {
		log.Fatal(err)
	}
	left, err := d.Run(ctx, vision.Picture{Image: safe})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(faces), "face before,", len(left), "after")
	// Output: 1 face before, 0 after
}

// A photograph becomes what a model of 224 by 224 pixels wants, and a box that the
// model finds is led back to the photograph.
func ExampleReadTensor() {
	f, err := os.Open("../examples/quickstart/samples/astronaut.jpg")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	spec := vision.TensorSpec{
		Width: 224, Height: 224,
		Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225},
	}
	tensor := make([]float32, 3*224*224)
	t, err := vision.ReadTensor(context.Background(), f, spec, tensor)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("first pixel %.2f %.2f %.2f\n", tensor[0], tensor[224*224], tensor[2*224*224])
	fmt.Println("box", t.Box(76, 33, 121, 78))
	// Output:
	// first pixel 0.35 0.37 0.69
	// box (173,75)-(277,179)
}
