package hub

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// FetchOptions configures [Fetch]. The zero value fetches the branch main of a
// public repository into the user's cache directory.
type FetchOptions struct {
	// Endpoint is the server's address. Files are at
	// Endpoint/repo/resolve/revision/file, the list of them at
	// Endpoint/api/models/repo/revision/revision.
	// Default: https://huggingface.co.
	Endpoint string

	// Revision is a commit, a tag or a branch. A branch stays at the commit of
	// its first Fetch into Dir. Default: main.
	Revision string

	// Files are the files to fetch, with slashes, relative to the repository.
	// Default: of the server's list, the first ONNX file of model.onnx,
	// onnx/model.onnx, encoder_model.onnx, onnx/encoder_model.onnx with its
	// external data, every .json, .txt and .model file at the top, and every
	// config.json one folder below.
	Files []string

	// SHA256 holds digests that files must have, in hexadecimal, by name.
	SHA256 map[string]string

	// Dir is the directory of all models; each gets one for its revision
	// below. Default: quintet/models in the user's cache directory.
	Dir string

	// Token authorises the caller, as a bearer token. It is sent to the host
	// of Endpoint only, never to where that redirects, and in the clear only
	// to this machine itself.
	Token string

	// MaxBytes bounds the sum of all files. Default: 16 GiB.
	MaxBytes int64

	// Verify reads the files that are there already and compares their
	// digests; those that differ are fetched again. Without it their sizes
	// are compared.
	Verify bool

	// Progress is told how far the fetch is, some times a second, from the
	// goroutine of the caller, and whenever a file is done, but not if nothing
	// is missing. It must return soon. Default: nobody is told.
	Progress func(Progress)

	// Client sends the requests; its CheckRedirect is not used. Default: a
	// client with the proxy that the environment names.
	Client *http.Client

	// Attempts bounds how often a file is tried without getting a mebibyte
	// further. Default: 5.
	Attempts int

	// Base bounds the wait before the second attempt; see
	// [optimize.RetryOptions]. Default: 500 ms.
	Base time.Duration

	// Stall is how long the server may send nothing before the connection is
	// taken for dead. Default: 30 s.
	Stall time.Duration
}

func (o FetchOptions) withDefaults() (FetchOptions, error) {
	if o.MaxBytes < 0 || o.Attempts < 0 || o.Base < 0 || o.Stall < 0 {
		return o, fmt.Errorf("negative limit: %w", quintet.ErrOption)
	}
	if o.Endpoint == "" {
		o.Endpoint = "https://huggingface.co"
	}
	if err := checkEndpoint(o.Endpoint, o.Token != ""); err != nil {
		return o, err
	}
	o.Endpoint = strings.TrimRight(o.Endpoint, "/")
	if o.Revision == "" {
		o.Revision = "main"
	}
	if !validRevision(o.Revision) {
		return o, fmt.Errorf("revision %q: %w", o.Revision, quintet.ErrOption)
	}
	if err := o.checkFiles(); err != nil {
		return o, err
	}
	o.SHA256 = maps.Clone(o.SHA256)
	for name, sum := range o.SHA256 {
		o.SHA256[name] = strings.ToLower(sum)
	}
	return o.fill()
}

func (o FetchOptions) checkFiles() error {
	if err := checkNames(o.Files); err != nil {
		return fmt.Errorf("Files: %w: %w", err, quintet.ErrOption)
	}
	for name, sum := range o.SHA256 {
		switch {
		case !isSHA256(strings.ToLower(sum)):
			return fmt.Errorf("SHA256 of %q is not 64 hexadecimal digits: %w", name, quintet.ErrOption)
		case len(o.Files) > 0 && !slices.Contains(o.Files, name):
			return fmt.Errorf("SHA256 names %q, Files does not: %w", name, quintet.ErrOption)
		}
	}
	return nil
}

func (o FetchOptions) fill() (FetchOptions, error) {
	if o.Dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return o, fmt.Errorf("no Dir, and %w: %w", err, quintet.ErrOption)
		}
		o.Dir = filepath.Join(cache, "quintet", "models")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 16 << 30
	}
	if o.Attempts == 0 {
		o.Attempts = 5
	}
	if o.Base == 0 {
		o.Base = 500 * time.Millisecond
	}
	if o.Stall == 0 {
		o.Stall = 30 * time.Second
	}
	return o, nil
}

func checkEndpoint(endpoint string, token bool) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("endpoint is no http address: %w", quintet.ErrOption)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("endpoint holds more than scheme, host and path: %w", quintet.ErrOption)
	case token && u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("a token would go to %s in the clear, use https: %w", u.Host, quintet.ErrOption)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isSHA256 reports whether s is a digest in lower case.
func isSHA256(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 64 && s == strings.ToLower(s)
}
