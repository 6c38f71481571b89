package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/quintet-ai/quintet"
)

// Bounds of what a stored hash may ask for, and of passwords.
const (
	maxPassword   = 1024       // bytes
	maxMemory     = 256 * 1024 // KiB
	maxTime       = 16
	maxThreads    = 16
	maxBcryptCost = 14
)

// PasswordOptions configures [NewPasswords]. The defaults are those that OWASP's
// Password Storage Cheat Sheet gives for argon2id.
type PasswordOptions struct {
	// Memory is what one hash uses in KiB, up to 256 MiB. Default: 19,456, which is 19
	// MiB.
	Memory int

	// Time is the number of passes over it, up to 16. Default: 2.
	Time int

	// Threads is the number of lanes, up to 16. Default: 1.
	Threads int

	// Concurrent bounds how many hashes are computed at a time. Default: half of the
	// processors, at least 1.
	Concurrent int
}

// Passwords hashes passwords with argon2id (RFC 9106) and verifies them. It is safe
// for concurrent use. One hash costs much time and memory by intention: more than
// Concurrent at a time are [quintet.ErrBusy] at once, so that logins cannot take the
// processors from everything else.
type Passwords struct {
	params argonParams
	slots  chan struct{}
	decoy  string // a hash that no password has
}

// argonParams are the cost of a hash.
type argonParams struct {
	memory, time uint32
	threads      uint8
}

const (
	saltLen = 16 // bytes
	hashLen = 32 // bytes
)

// NewPasswords returns a hasher of passwords. The error wraps [quintet.ErrOption].
func NewPasswords(o PasswordOptions) (*Passwords, error) {
	orDefault := func(v *int, other int) {
		if *v == 0 {
			*v = other
		}
	}
	orDefault(&o.Memory, 19*1024)
	orDefault(&o.Time, 2)
	orDefault(&o.Threads, 1)
	orDefault(&o.Concurrent, max(1, runtime.GOMAXPROCS(0)/2))
	if o.Concurrent < 1 || !costs(o.Memory, o.Time, o.Threads) {
		return nil, fmt.Errorf("argon2id with %d KiB, %d passes, %d lanes, %d at a time: %w",
			o.Memory, o.Time, o.Threads, o.Concurrent, quintet.ErrOption)
	}
	p := &Passwords{slots: make(chan struct{}, o.Concurrent)}
	p.params = argonParams{uint32(o.Memory), uint32(o.Time), uint8(o.Threads)}
	p.decoy = p.params.encode(make([]byte, saltLen), make([]byte, hashLen))
	return p, nil
}

// costs reports whether argon2id can be run with these.
func costs(memory, time, threads int) bool {
	return threads >= 1 && threads <= maxThreads && time >= 1 && time <= maxTime &&
		memory >= 8*threads && memory <= maxMemory
}

// Hash returns a new hash of a password in PHC string form:
// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". A password that is empty or has more
// than 1,024 bytes is [quintet.ErrInput]. The bytes are hashed as they are: who wants
// equal letters to be equal normalises them before.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("password has %d bytes, not 1 to %d: %w", len(password), maxPassword, quintet.ErrInput)
	}
	salt := make([]byte, saltLen)
	rand.Read(salt)
	var hash string
	err := p.compute(ctx, func() { hash = p.params.encode(salt, p.params.key(password, salt, hashLen)) })
	return hash, err
}

// Verify reports whether a hash is of a password, and if so, whether it should be
// replaced by a new one of [Passwords.Hash]: because it is of bcrypt or of another
// cost. Hashes of argon2id in PHC string form and of bcrypt are known; bcrypt looks
// at the first 72 bytes of a password. A hash that is neither, or that asks for too
// much, is [quintet.ErrInput].
func (p *Passwords) Verify(ctx context.Context, hash, password string) (match, rehash bool, err error) {
	if strings.HasPrefix(hash, "$2") {
		match, err = p.verifyBcrypt(ctx, hash, password)
		return match, match, err
	}
	params, salt, want, err := parsePHC(hash)
	if err != nil {
		return false, false, err
	}
	if password == "" || len(password) > maxPassword {
		return false, false, nil
	}
	err = p.compute(ctx, func() {
		match = subtle.ConstantTimeCompare(params.key(password, salt, len(want)), want) == 1
	})
	return match, match && (params != p.params || len(salt) != saltLen || len(want) != hashLen), err
}

// verifyNobody takes as long as verifying does, so that the time of an answer does not
// tell whether there is such a user.
func (p *Passwords) verifyNobody(ctx context.Context, password string) error {
	_, _, err := p.Verify(ctx, p.decoy, password)
	return err
}

func (p *Passwords) verifyBcrypt(ctx context.Context, hash, password string) (match bool, err error) {
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxBcryptCost {
		return false, fmt.Errorf("hash of bcrypt makes no sense or costs more than %d: %w",
			maxBcryptCost, quintet.ErrInput)
	}
	if password == "" || len(password) > maxPassword {
		return false, nil
	}
	var why error
	if err := p.compute(ctx, func() { why = bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) }); err != nil {
		return false, err
	}
	if why != nil && !errors.Is(why, bcrypt.ErrMismatchedHashAndPassword) {
		return false, fmt.Errorf("hash of bcrypt: %w: %w", why, quintet.ErrInput)
	}
	return why == nil, nil
}

// compute runs f unless enough of its kind run.
func (p *Passwords) compute(ctx context.Context, f func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
		f()
		return nil
	default:
		return fmt.Errorf("%d passwords are being hashed: %w", cap(p.slots), quintet.ErrBusy)
	}
}

func (a argonParams) key(password string, salt []byte, length int) []byte {
	return argon2.IDKey([]byte(password), salt, a.time, a.memory, a.threads, uint32(length))
}

func (a argonParams) encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, a.memory, a.time, a.threads, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

// parsePHC reads a hash of argon2id. It is strict: what it takes, encode gives back.
func parsePHC(s string) (a argonParams, salt, hash []byte, err error) {
	bad := func(what string) (argonParams, []byte, []byte, error) {
		return argonParams{}, nil, nil, fmt.Errorf("stored hash: %s: %w", what, quintet.ErrInput)
	}
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != "v="+strconv.Itoa(argon2.Version) {
		return bad("neither argon2id of version 19 nor bcrypt")
	}
	costs, ok := parseCosts(f[3])
	if !ok {
		return bad("cost makes no sense")
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(f[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return bad("salt has not 8 to 64 bytes")
	}
	if hash, err = b64.DecodeString(f[5]); err != nil || len(hash) < 16 || len(hash) > 64 {
		return bad("hash has not 16 to 64 bytes")
	}
	if costs.encode(salt, hash) != s {
		return bad("not in its only form")
	}
	return costs, salt, hash, nil
}

func parseCosts(s string) (argonParams, bool) {
	f := strings.Split(s, ",")
	if len(f) != 3 {
		return argonParams{}, false
	}
	var v [3]int
	for i, name := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(f[i], name)
		n, err := strconv.Atoi(digits)
		if !ok || err != nil {
			return argonParams{}, false
		}
		v[i] = n
	}
	return argonParams{uint32(v[0]), uint32(v[1]), uint8(v[2])}, costs(v[0], v[1], v[2])
}
