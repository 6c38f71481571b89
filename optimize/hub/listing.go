package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// list is what a server says about a revision of a repository.
type list struct {
	commit string
	files  []File // Size -1 and SHA256 "" are unknown
}

// maxListed bounds the files of a list.
const maxListed = 100_000

// list asks the server for its files.
func (f *fetch) list(ctx context.Context) (list, error) {
	step := func(ctx context.Context, _ struct{}) (list, error) {
		ctx, alive, stop := watch(ctx, f.opt.Stall)
		defer stop()
		resp, _, err := f.client.get(ctx, listURL(f.opt.Endpoint, f.repo, f.revision()), http.Header{})
		if err != nil {
			return list{}, explain(ctx, err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return list{}, statusError(resp)
		}
		alive()
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxManifest+1))
		if err != nil {
			return list{}, explain(ctx, &transient{fmt.Errorf("connection cut: %w", err)})
		}
		return parseList(data)
	}
	l, err := optimize.Retry(step, f.opt.retry())(ctx, struct{}{})
	if err != nil {
		return list{}, fmt.Errorf("list of files: %w", err)
	}
	return l, nil
}

// parseList reads a server's list. Names that could leave the directory of the
// model make all of it suspect.
func parseList(data []byte) (list, error) {
	if len(data) > maxManifest {
		return list{}, fmt.Errorf("more than %d bytes: %w", maxManifest, quintet.ErrModel)
	}
	var answer struct {
		Commit   string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
			Size *int64 `json:"size"`
			LFS  struct {
				SHA256 string `json:"sha256"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return list{}, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	if len(answer.Siblings) > maxListed {
		return list{}, fmt.Errorf("%d files: %w", len(answer.Siblings), quintet.ErrModel)
	}
	var l list
	if isCommit(answer.Commit) {
		l.commit = answer.Commit
	}
	for _, s := range answer.Siblings {
		if !validName(s.Name) {
			return list{}, fmt.Errorf("%q is no file name: %w", s.Name, quintet.ErrModel)
		}
		file := File{Name: s.Name, Size: -1}
		if s.Size != nil && *s.Size >= 0 {
			file.Size = *s.Size
		}
		if isSHA256(s.LFS.SHA256) {
			file.SHA256 = s.LFS.SHA256
		}
		l.files = append(l.files, file)
	}
	return l, nil
}

var errNoONNX = errors.New("lists no ONNX file in a usual place; name Files")

// choose returns the files that make a model, as FetchOptions.Files says.
func (l list) choose() ([]File, error) {
	onnx := ""
	for _, name := range []string{"model.onnx", "onnx/model.onnx", "encoder_model.onnx", "onnx/encoder_model.onnx"} {
		if slices.ContainsFunc(l.files, func(f File) bool { return f.Name == name }) {
			onnx = name
			break
		}
	}
	if onnx == "" {
		return nil, fmt.Errorf("server %w: %w", errNoONNX, quintet.ErrModel)
	}
	var chosen []File
	var names []string
	for _, f := range l.files {
		if isPart(f.Name, onnx) {
			chosen, names = append(chosen, f), append(names, f.Name)
		}
	}
	if err := checkNames(names); err != nil {
		return nil, fmt.Errorf("list of files: %w: %w", err, quintet.ErrModel)
	}
	return chosen, nil
}

// isPart reports whether a file of a repository belongs to its model onnx.
func isPart(name, onnx string) bool {
	dir, base := path.Split(name)
	switch {
	case name == onnx || strings.HasPrefix(name, onnx+"_data") || name == onnx+".data":
		return true
	case dir == "":
		return slices.Contains([]string{".json", ".txt", ".model"}, path.Ext(base)) && base[0] != '.'
	}
	return base == "config.json" && strings.Count(dir, "/") == 1
}
