package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/server/auth"
)

// Event is one request, or whatever else somebody did.
type Event struct {
	At         time.Time      `json:"at"`         // when it came
	Principal  auth.Principal `json:"principal"`  // who sent it; empty if that is not known
	Permission string         `json:"permission"` // what it needed
	Route      string         `json:"route"`      // method and pattern
	Path       string         `json:"path"`       // as it was sent
	Remote     string         `json:"remote"`     // address of the caller
	RequestID  string         `json:"request_id"` // as in the log
	Status     int            `json:"status"`     // of the answer

	// About is whom it was done to, somebody of the principal's tenant, such as who was
	// erased.
	About string `json:"about,omitempty"`
}

// Record is a line of a log.
type Record struct {
	// Seq numbers the records from 1 on.
	Seq uint64 `json:"seq"`

	// Prev is the hash of the record before.
	Prev string `json:"prev"`

	// Dropped is how many events were lost before this one because too many were
	// waiting for the disk.
	Dropped uint64 `json:"dropped,omitempty"`

	// Torn is how many bytes of half a record were cut off before this one, after a
	// crash.
	Torn int64 `json:"torn,omitempty"`

	// Event is what happened. Texts in it have at most 1,024 bytes and lists 64
	// elements.
	Event Event `json:"event"`

	// Hash is that of the record.
	Hash string `json:"hash,omitempty"`
}

// Anchor names the record up to which a log is known: it can be kept elsewhere. The
// zero value is before the first record.
type Anchor struct {
	Seq  uint64 `json:"seq"`  // of the record
	Hash string `json:"hash"` // of the record
}

// Bounds of an event, so that a line is shorter than maxLine whatever was sent.
const (
	maxText = 1024
	maxList = 64
	maxLine = 1 << 20
)

// suffix is the end of a line, with the hash of 64 digits from hashAt on.
const (
	suffix = `,"hash":"` + noHash + `"}`
	hashAt = len(`,"hash":"`)
	noHash = "0000000000000000000000000000000000000000000000000000000000000000"
)

// chain continues a log.
type chain struct {
	mac hash.Hash
	at  Anchor // the last record
}

func newChain(key []byte, at Anchor) *chain {
	if len(key) == 0 {
		return &chain{sha256.New(), at}
	}
	return &chain{hmac.New(sha256.New, key), at}
}

// prev is the hash that the next record continues.
func (c *chain) prev() string {
	if c.at.Seq == 0 {
		return noHash
	}
	return c.at.Hash
}

func (c *chain) sum(body []byte) string {
	c.mac.Reset()
	c.mac.Write(body)
	return hex.EncodeToString(c.mac.Sum(nil))
}

// append adds the line of a record, whose Seq, Prev and Hash it makes, to b.
func (c *chain) append(b []byte, r Record) ([]byte, error) {
	r.Seq, r.Prev, r.Hash = c.at.Seq+1, c.prev(), ""
	body, err := json.Marshal(r)
	if err != nil {
		return b, err
	}
	c.at = Anchor{r.Seq, c.sum(body)}
	b = append(b, body[:len(body)-1]...)
	return append(b, suffix[:hashAt]+c.at.Hash+suffix[hashAt+64:]+"\n"...), nil
}

// next reads a line without its end and says why it does not continue the log; ""
// if it does.
func (c *chain) next(line []byte) (r Record, why string) {
	cut := len(line) - len(suffix)
	begin, end := []byte(suffix[:hashAt]), []byte(suffix[hashAt+64:])
	if cut < 0 || !bytes.HasPrefix(line[cut:], begin) || !bytes.HasSuffix(line, end) {
		return r, "the line is no record"
	}
	body := append(slices.Clone(line[:cut]), '}')
	got := string(line[cut+hashAt:][:64])
	if want := c.sum(body); !hmac.Equal([]byte(want), []byte(got)) {
		return r, "the hash does not fit: the record was changed, or the key is another one"
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, "the line is no record: " + err.Error()
	}
	switch {
	case r.Seq != c.at.Seq+1:
		return r, fmt.Sprintf("record %d follows record %d: some are missing or out of order", r.Seq, c.at.Seq)
	case r.Prev != c.prev():
		return r, fmt.Sprintf("record %d does not continue the one before it", r.Seq)
	}
	c.at = Anchor{r.Seq, got}
	return r, ""
}

// clip bounds an event.
func clip(e Event) Event {
	for _, s := range []*string{
		&e.Principal.Subject, &e.Principal.Tenant, &e.Principal.Method,
		&e.Permission, &e.Route, &e.Path, &e.Remote, &e.RequestID, &e.About,
	} {
		*s = clipText(*s)
	}
	e.Principal.Roles, e.Principal.Scopes = clipList(e.Principal.Roles), clipList(e.Principal.Scopes)
	return e
}

func clipText(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

func clipList(all []string) []string {
	out := slices.Clone(all[:min(len(all), maxList)])
	for i := range out {
		out[i] = clipText(out[i])
	}
	return out
}

// Pseudonym is what a log with Options.SubjectKey has in place of a subject: 128 bits
// of the HMAC-SHA256 of the [auth.Principal.Owner]. Nobody's is empty.
func Pseudonym(key []byte, who auth.Principal) string {
	if who.Subject == "" {
		return ""
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(who.Owner()))
	return "pseudonym:" + hex.EncodeToString(m.Sum(nil)[:16])
}

// anonymize takes out of an event who sent it.
func anonymize(e Event, key []byte) Event {
	e.About = Pseudonym(key, auth.Principal{Subject: e.About, Tenant: e.Principal.Tenant})
	e.Principal.Subject = Pseudonym(key, e.Principal)
	addr, err := netip.ParseAddr(e.Remote)
	if err != nil {
		e.Remote = ""
		return e
	}
	bits := 24
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		bits = 48
	}
	network, err := addr.Prefix(bits)
	if e.Remote = ""; err == nil {
		e.Remote = network.String()
	}
	return e
}
