package archtest_test

import (
	"testing"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestImports(t *testing.T) {
	const q = archtest.Module
	clean := tree{
		"doc.go":                   importing("quintet", "context"),
		"internal/simd/simd.go":    importing("simd", q),
		"optimize/engine.go":       importing("optimize", q+"/internal/simd"),
		"optimize/onnx/onnx.go":    importing("onnx", q+"/optimize"),
		"optimize/hub/hub.go":      importing("hub", "net/http"),
		"text/text.go":             importing("text", q+"/optimize"),
		"text/prosetagger/tag.go":  importing("prosetagger", q+"/text"),
		"vision/vision.go":         importing("vision", "image/jpeg"),
		"server/server.go":         importing("server", q+"/graph"),
		"examples/all/main.go":     importing("main", q+"/server"),
		"internal/peers/main.go":   importing("main", q+"/vector"),
		"text/testdata/planted.go": importing("text", q+"/vision"),
	}
	plant(t, archtest.Imports, clean, map[string]planted{
		"root imports ours": {"pipeline.go", importing("quintet", q+"/optimize"),
			`pipeline.go: imports ` + q + `/optimize: room "" may import only []`},
		"root imports a module": {"pipeline.go", importing("quintet", "golang.org/x/sys/cpu"),
			`pipeline.go: imports golang.org/x/sys/cpu: the root imports the standard library only`},
		"root's test imports a module": {"pipeline_test.go", importing("quintet_test", "golang.org/x/sys/cpu"), ""},
		"internal imports optimize": {"internal/nn/nn.go", importing("nn", q+"/optimize"),
			`internal/nn/nn.go: imports ` + q + `/optimize: room "internal" may import only [""]`},
		"internal's test imports optimize": {"internal/nn/nn_test.go", importing("nn_test", q+"/optimize"), ""},
		"optimize imports a domain": {"optimize/batch.go", importing("optimize", q+"/text"),
			`optimize/batch.go: imports ` + q + `/text: room "optimize" may import only ["" "internal"]`},
		"a domain imports a domain": {"text/near.go", importing("text", q+"/vector"),
			`text/near.go: imports ` + q + `/vector: room "text" may import only ["" "internal" "optimize"]`},
		"a domain's test imports a domain": {"text/near_test.go", importing("text_test", q+"/vector"),
			`text/near_test.go: imports ` + q + `/vector: room "text" may import only ["" "internal" "optimize"]`},
		"a domain imports a backend": {"vision/gpu.go", importing("vision", q+"/optimize/onnx"),
			`vision/gpu.go: imports ` + q + `/optimize/onnx: room "vision" may import only ["" "internal" "optimize"]`},
		"a domain's test imports a backend": {"vision/gpu_test.go", importing("vision_test", q+"/optimize/onnx"), ""},
		"a domain imports monitor": {"audio/meter.go", importing("audio", q+"/monitor"),
			`audio/meter.go: imports ` + q + `/monitor: room "audio" may import only ["" "internal" "optimize"]`},
		"a domain imports HTTP": {"vision/fetch.go", importing("vision", "net/http"),
			`vision/fetch.go: imports net/http: a domain knows no HTTP`},
		"a picture in text": {"text/ocr.go", importing("text", "image/png"),
			`text/ocr.go: imports image/png: no pictures in this room`},
		"monitor imports optimize": {"monitor/m.go", importing("monitor", q+"/optimize"),
			`monitor/m.go: imports ` + q + `/optimize: room "monitor" may import only ["" "internal"]`},
		"a new room": {"speech/speech.go", "package speech",
			`speech/speech.go: its folder has no row in mayImport`},
		"an import of a new room": {"server/s.go", importing("server", q+"/speech"),
			`server/s.go: imports ` + q + `/speech: its folder has no row in mayImport`},
		"a module of a similar name": {"server/s.go", importing("server", q+"-extra/text"), ""},
		"a file that does not parse": {"text/broken.go", "package",
			`text/broken.go:1:8: expected 'IDENT', found 'EOF'`},
	})
}
