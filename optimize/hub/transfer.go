package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// progressStep is how much further an attempt must get to count as none.
const progressStep = 1 << 20

// transfer is the download of one file.
type transfer struct {
	*fetch
	want File // Size -1 and SHA256 "" are unknown
	part *part
	far  int64 // the most that was there before an attempt

	spoiled bool // what is there is of no use
}

// transfer fetches a file and puts it in its place.
func (f *fetch) transfer(ctx context.Context, want File) (File, error) {
	p, err := openPart(ctx, f.root, want.Name, f.manifest.Commit)
	if err != nil {
		return File{}, err
	}
	t := &transfer{fetch: f, want: want, part: p, far: p.have}
	if want.SHA256 == "" {
		t.want.SHA256 = p.SHA256
	}
	err = t.retry(ctx)
	got := File{Name: want.Name, Size: p.have, SHA256: p.digest()}
	if err == nil && t.want.SHA256 != "" {
		err = checkDigest(want.Name, t.want.SHA256, got.SHA256)
		t.spoiled = err != nil
	}
	if err == nil {
		return got, p.commit()
	}
	err = errors.Join(err, p.close())
	if t.spoiled || got.Size == 0 {
		err = errors.Join(err, p.remove())
	}
	return File{}, err
}

// spoil notes that what is there must not be resumed.
func (t *transfer) spoil(err error) error {
	t.spoiled = true
	return err
}

// retry tries until the part is whole. An attempt that got a good way further
// is followed by another at once; the others wait longer and longer.
func (t *transfer) retry(ctx context.Context) error {
	step := func(ctx context.Context, _ struct{}) (struct{}, error) {
		for {
			err := t.try(ctx)
			if err == nil || !isTransient(err) || t.part.have < t.far+progressStep {
				return struct{}{}, err
			}
			t.far = t.part.have
		}
	}
	_, err := optimize.Retry(step, t.opt.retry())(ctx, struct{}{})
	return err
}

// try makes one attempt. It leaves in the part what arrived.
func (t *transfer) try(ctx context.Context) error {
	if p := t.part; p.Size >= 0 && p.have == p.Size {
		return nil // it was cut behind the last byte
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, alive, stop := watch(ctx, t.opt.Stall)
	defer stop()
	header, err := t.header()
	if err != nil {
		return err
	}
	address := fileURL(t.opt.Endpoint, t.repo, t.revision(), t.want.Name)
	resp, at, err := t.client.get(ctx, address, header)
	if err != nil {
		return explain(ctx, err)
	}
	defer resp.Body.Close()
	if err := t.accept(resp, at); err != nil {
		return err
	}
	return t.copy(ctx, resp, alive)
}

// header asks for the rest of the part if it can be told that it is the rest.
func (t *transfer) header() (http.Header, error) {
	h := http.Header{"Accept-Encoding": {"identity"}}
	p := t.part
	if p.have == 0 {
		return h, nil
	}
	tag := p.strongETag()
	if tag == "" && t.want.SHA256 == "" {
		return h, p.reset()
	}
	h.Set("Range", fmt.Sprintf("bytes=%d-", p.have))
	if tag != "" {
		h.Set("If-Range", tag)
	}
	return h, nil
}

// accept decides whether the body goes behind what is there, replaces it, or is
// of no use.
func (t *transfer) accept(resp *http.Response, at origin) error {
	p := t.part
	size, tag := resp.ContentLength, resp.Header.Get("ETag")
	switch resp.StatusCode {
	case http.StatusOK:
		if err := p.reset(); err != nil {
			return err
		}
	case http.StatusPartialContent:
		var ok bool
		if size, ok = continues(resp, p); !ok {
			return errors.Join(&transient{errors.New("server sends another part than asked for")}, p.reset())
		}
		if tag == "" {
			tag = p.ETag
		}
	case http.StatusRequestedRangeNotSatisfiable:
		return errors.Join(&transient{errors.New("server has not so many bytes")}, p.reset())
	default:
		return statusError(resp)
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && enc != "identity" {
		return fmt.Errorf("server sends it in encoding %q: %w", enc, quintet.ErrModel)
	}
	if err := t.learn(at); err != nil {
		return err
	}
	for _, known := range []int64{at.size, t.want.Size} { // the better source last
		if known >= 0 {
			size = known
		}
	}
	if err := t.checkRoom(size); err != nil {
		return err
	}
	return p.begin(partInfo{t.want.Name, t.manifest.Commit, tag, t.want.SHA256, size})
}

// learn keeps what the first server said about the repository and the file. The
// commit is noted on disk, for a part is of use only to a fetch of its commit.
func (t *transfer) learn(at origin) error {
	if t.want.SHA256 == "" {
		t.want.SHA256 = at.digest
	}
	if t.manifest.Commit != "" || at.commit == "" {
		return nil
	}
	t.manifest.Commit = at.commit
	return t.manifest.save(t.root, stateName)
}

// continues reports whether a partial response is what follows the part, and
// returns the size of the whole file, -1 if that is unknown.
func continues(resp *http.Response, p *part) (size int64, ok bool) {
	span, ok := strings.CutPrefix(resp.Header.Get("Content-Range"), "bytes ")
	from, rest, _ := strings.Cut(span, "-")
	_, total, _ := strings.Cut(rest, "/")
	start, err := strconv.ParseInt(from, 10, 64)
	if !ok || err != nil || start != p.have {
		return 0, false
	}
	size = -1
	if total != "*" {
		if size, err = strconv.ParseInt(total, 10, 64); err != nil || size < p.have || p.Size >= 0 && size != p.Size {
			return 0, false
		}
	}
	tag := resp.Header.Get("ETag")
	return max(size, p.Size), p.ETag == "" || tag == "" || tag == p.ETag
}

// checkRoom refuses a size beyond MaxBytes. Sizes that are not known are checked
// while bytes come in.
func (t *transfer) checkRoom(size int64) error {
	if left := t.opt.MaxBytes - t.meter.others(t.want.Name); size > left {
		return t.spoil(fmt.Errorf("more bytes than MaxBytes leaves, which is %d of %d: %w",
			left, t.opt.MaxBytes, quintet.ErrModel))
	}
	return nil
}

// copy writes the body to the part.
func (t *transfer) copy(ctx context.Context, resp *http.Response, alive func()) error {
	p := t.part
	buf := make([]byte, 128<<10)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			alive()
		}
		if p.Size >= 0 && p.have+int64(n) > p.Size {
			return t.spoil(fmt.Errorf("more bytes than its size, which is %d: %w", p.Size, quintet.ErrModel))
		}
		if err := t.checkRoom(p.have + int64(n)); err != nil {
			return err
		}
		if _, err := p.Write(buf[:n]); err != nil {
			return err
		}
		t.meter.moved(t.want.Name, p.have, p.Size)
		switch {
		case err == io.EOF:
			return t.ended(resp)
		case err != nil:
			return explain(ctx, &transient{fmt.Errorf("connection cut after %d bytes: %w", p.have, err)})
		}
	}
}

// ended checks that the end of the body is the end of the file.
func (t *transfer) ended(resp *http.Response) error {
	p := t.part
	switch {
	case p.Size >= 0 && p.have < p.Size:
		return &transient{fmt.Errorf("server sent %d of %d bytes: %w", p.have, p.Size, io.ErrUnexpectedEOF)}
	case p.Size < 0 && t.want.SHA256 == "" && !endIsSure(resp):
		return t.spoil(fmt.Errorf("server states no size, and without a digest a cut would go unseen: %w", quintet.ErrModel))
	}
	return nil
}

// endIsSure reports whether a body without a length cannot just have been cut.
func endIsSure(resp *http.Response) bool {
	framed := resp.ProtoMajor >= 2 || slices.Contains(resp.TransferEncoding, "chunked")
	return resp.StatusCode == http.StatusOK && framed
}
