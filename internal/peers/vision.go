package main

import (
	"slices"

	"github.com/quintet-ai/quintet/internal/report"
)

// visionFigures are those of pictures. Peers in other languages run as programs of
// the folder visionpeers on the same files; see [visionPeer].
func visionFigures() []report.Figure {
	return slices.Concat(
		visionTaskFigures(),
		visionErrorFigures(),
		visionFaceFigures(),
		visionReaderFigures(),
		visionTestFigures(),
	)
}
