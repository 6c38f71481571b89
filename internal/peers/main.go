// Peers measures Quintet beside other libraries and prints one line a figure.
//
//	go run . -area simd
//
// Each area has one file, which lists its figures. See README.md.
package main

import (
	"os"
	"slices"

	"github.com/quintet-ai/quintet/internal/report"
)

func main() { os.Exit(report.Main(os.Args[1:], os.Stdout, os.Stderr, figures())) }

// figures lists all areas.
func figures() []report.Figure {
	return slices.Concat(
		simdFigures(),
		cacheFigures(),
		engineFigures(),
		runtimeFigures(),
		nativeFigures(),
		vectorFigures(),
		textFigures(),
		visionFigures(),
		audioFigures(),
		graphFigures(),
		serverFigures(),
		productionFigures(),
	)
}
