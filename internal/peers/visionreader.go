package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vision"
)

// visionReaderFigures is the cost of reading a page on the native backend, in that on
// ONNX Runtime.
func visionReaderFigures() []report.Figure {
	return []report.Figure{{Name: "vision/reader", Unit: "x", Peer: "onnxruntime", Goal: report.AtMost(1.1), Parallel: true,
		Measure: readerCost}}
}

func readerCost(m *report.Meter) ([]float64, error) {
	page, err := os.ReadFile(filepath.Join(photographs, "..", "ocr", "p_page.png"))
	if err != nil {
		return nil, report.Skip("no page to read")
	}
	native, err := theNative()
	if err != nil {
		return nil, err
	}
	other, err := theRuntime()
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	var bodies []func(n int)
	var texts []string
	for _, rt := range []*optimize.Runtime{native, other} {
		r, err := ppocr(rt)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		read := func() (string, error) {
			got, err := r.Run(context.Background(), vision.Picture{Data: page})
			return got.Text, err
		}
		text, err := read()
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
		bodies = append(bodies, func(n int) {
			for range n {
				if _, err := read(); err != nil {
					panic(err)
				}
			}
		})
	}
	if texts[0] != texts[1] {
		return nil, fmt.Errorf("one reads %q, the other %q", texts[0], texts[1])
	}
	return m.Cost(bodies[0], bodies[1]), nil
}

// ppocr opens the models of PP-OCRv4, on one thread.
func ppocr(rt *optimize.Runtime) (*vision.Reader, error) {
	o := vision.ReaderOptions{Characters: vision.ASCII, Runtime: rt, Session: optimize.SessionOptions{Threads: 1}}
	for name, model := range map[string]*optimize.Model{
		"ch_PP-OCRv4_det_infer.onnx": &o.Detection, "ch_PP-OCRv4_rec_infer.onnx": &o.Recognition,
		"ch_ppocr_mobile_v2.0_cls_infer.onnx": &o.Orientation,
	} {
		path, err := modelFile(name)
		if err != nil {
			return nil, report.Skip(err.Error())
		}
		if *model, err = optimize.OpenModel(path); err != nil {
			return nil, err
		}
	}
	path, err := modelFile("ppocr_keys_v1.txt")
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	keys, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer keys.Close()
	if o.Alphabet, err = vision.ReadAlphabet(keys); err != nil {
		return nil, err
	}
	return vision.NewReader(o)
}
