package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"strings"
)

// part is a file that is not whole yet, with the digest of what is there.
type part struct {
	root *os.Root
	path string // in root; what is known about it is beside, in path.json
	f    *os.File
	hash hash.Hash
	have int64
	partInfo
}

// partInfo says which file of the server a part is the beginning of.
type partInfo struct {
	Name   string `json:"name"`
	Commit string `json:"commit,omitempty"`
	ETag   string `json:"etag,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // as the server stated it
	Size   int64  `json:"size"`             // -1 is unknown
}

// openPart opens what is there of a file, or begins it.
func openPart(ctx context.Context, root *os.Root, name, commit string) (*part, error) {
	sum := sha256.Sum256([]byte(name))
	p := &part{root: root, path: private + "/" + hex.EncodeToString(sum[:12]) + ".part", hash: sha256.New()}
	f, err := root.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	p.f = f
	if !p.readInfo() || p.Name != name || p.Commit != commit {
		p.partInfo = partInfo{Name: name, Commit: commit, Size: -1}
		err = p.reset()
	} else {
		p.have, err = io.Copy(p.hash, ctxReader{ctx, f})
	}
	if err == nil && p.Size >= 0 && p.have > p.Size {
		err = p.reset()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

func (p *part) readInfo() bool {
	f, err := p.root.Open(p.path + ".json")
	if err != nil {
		return false
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<16))
	return err == nil && json.Unmarshal(data, &p.partInfo) == nil && p.Size >= -1
}

// begin notes which file the bytes that follow belong to.
func (p *part) begin(info partInfo) error {
	if info == p.partInfo && p.have > 0 {
		return nil
	}
	p.partInfo = info
	data, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return writeAtomic(p.root, p.path+".json", data)
}

// reset throws the bytes away.
func (p *part) reset() error {
	p.have = 0
	p.hash.Reset()
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err := p.f.Seek(0, io.SeekStart)
	return err
}

// Write appends b.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.hash.Write(b[:n])
	p.have += int64(n)
	return n, err
}

func (p *part) digest() string { return hex.EncodeToString(p.hash.Sum(nil)) }

// strongETag is the validator that the bytes can be resumed with.
func (p *part) strongETag() string {
	if strings.HasPrefix(p.ETag, `"`) {
		return p.ETag
	}
	return ""
}

// close leaves the part for the next fetch.
func (p *part) close() error { return p.f.Close() }

// remove drops the part. It must be closed.
func (p *part) remove() error {
	err := p.root.Remove(p.path)
	if jsonErr := p.root.Remove(p.path + ".json"); !errors.Is(jsonErr, os.ErrNotExist) {
		err = errors.Join(err, jsonErr)
	}
	return err
}

// commit makes the part the file of its name.
func (p *part) commit() error {
	if err := errors.Join(p.f.Sync(), p.f.Close()); err != nil {
		return err
	}
	if dir := path.Dir(p.Name); dir != "." {
		if err := p.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		for d := dir; d != "."; d = path.Dir(d) {
			if err := syncDirOf(p.root, d); err != nil {
				return err
			}
		}
	}
	if err := moveFile(p.root, p.path, p.Name); err != nil {
		return fmt.Errorf("put in place: %w", err)
	}
	if err := p.root.Remove(p.path + ".json"); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
