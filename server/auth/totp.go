package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// TOTPAlgorithm is the hash of one-time codes.
type TOTPAlgorithm string

// Hashes of one-time codes. Many apps know the first only.
const (
	TOTPSHA1   TOTPAlgorithm = "SHA1"
	TOTPSHA256 TOTPAlgorithm = "SHA256"
	TOTPSHA512 TOTPAlgorithm = "SHA512"
)

// TOTP makes and checks one-time codes of time (RFC 6238, RFC 4226). The zero value
// with a Secret is what apps expect. It is safe for concurrent use.
type TOTP struct {
	// Secret is shared with the app: 16 to 128 bytes. See [NewTOTPSecret].
	Secret []byte

	// Algorithm is the hash. Default: TOTPSHA1.
	Algorithm TOTPAlgorithm

	// Digits is the length of a code, 6 or 8. Default: 6.
	Digits int

	// Period is how long a code lasts, in whole seconds. Default: 30 s.
	Period time.Duration

	// Window is how many periods the clocks may differ, up to 10. Default: 1.
	Window int
}

// NewTOTPSecret returns 20 random bytes, the length of the hash of most apps.
func NewTOTPSecret() []byte {
	b := make([]byte, 20)
	rand.Read(b)
	return b
}

func (t TOTP) withDefaults() (TOTP, error) {
	if t.Algorithm == "" {
		t.Algorithm = TOTPSHA1
	}
	if t.Digits == 0 {
		t.Digits = 6
	}
	if t.Period == 0 {
		t.Period = 30 * time.Second
	}
	if t.Window == 0 {
		t.Window = 1
	}
	switch {
	case len(t.Secret) < 16 || len(t.Secret) > 128:
		return t, fmt.Errorf("secret of one-time codes has %d bytes, not 16 to 128: %w", len(t.Secret), quintet.ErrOption)
	case t.hash() == nil:
		return t, fmt.Errorf("hash %.20q of one-time codes: %w", t.Algorithm, quintet.ErrOption)
	case t.Digits != 6 && t.Digits != 8:
		return t, fmt.Errorf("one-time codes of %d digits: %w", t.Digits, quintet.ErrOption)
	case t.Period < time.Second || t.Period%time.Second != 0 || t.Window < 0 || t.Window > 10:
		return t, fmt.Errorf("one-time codes of %v and %d periods around: %w", t.Period, t.Window, quintet.ErrOption)
	}
	return t, nil
}

func (t TOTP) hash() func() hash.Hash {
	switch t.Algorithm {
	case TOTPSHA1:
		return sha1.New
	case TOTPSHA256:
		return sha256.New
	case TOTPSHA512:
		return sha512.New
	}
	return nil
}

// step numbers the periods since 1970, from 1 on.
func (t TOTP) step(at time.Time) int64 { return at.Unix() / int64(t.Period/time.Second) }

// Code returns the code of a moment.
func (t TOTP) Code(at time.Time) (string, error) {
	t, err := t.withDefaults()
	if err != nil {
		return "", err
	}
	return t.code(t.step(at)), nil
}

// code is HOTP of RFC 4226, section 5.3.
func (t TOTP) code(step int64) string {
	m := hmac.New(t.hash(), t.Secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 15
	n := binary.BigEndian.Uint32(sum[at:]) & (1<<31 - 1)
	if t.Digits == 8 {
		return fmt.Sprintf("%08d", n%1e8)
	}
	return fmt.Sprintf("%06d", n%1e6)
}

// Verify checks a code and returns the number of its period, which must be kept: no
// code of that period or of an earlier one counts again. After is the number that was
// kept, 0 at first. A code that does not count is [ErrDenied].
func (t TOTP) Verify(code string, at time.Time, after int64) (step int64, err error) {
	t, err = t.withDefaults()
	if err != nil {
		return 0, err
	}
	now := t.step(at)
	for s := now - int64(t.Window); s <= now+int64(t.Window); s++ {
		if subtle.ConstantTimeCompare([]byte(t.code(s)), []byte(code)) == 1 && s > after {
			step = s
		}
	}
	if step == 0 {
		return 0, denied("one-time code is wrong, too old or used")
	}
	return step, nil
}

// URL returns the otpauth:// address that an app reads from a picture. It holds the
// secret.
func (t TOTP) URL(issuer, account string) (string, error) {
	t, err := t.withDefaults()
	if err != nil {
		return "", err
	}
	if account == "" || strings.Contains(issuer+account, ":") {
		return "", fmt.Errorf("account %.40q of issuer %.40q is empty or has a colon: %w",
			account, issuer, quintet.ErrInput)
	}
	label, q := account, url.Values{
		"secret":    {base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(t.Secret)},
		"algorithm": {string(t.Algorithm)}, "digits": {strconv.Itoa(t.Digits)},
		"period": {strconv.Itoa(int(t.Period / time.Second))},
	}
	if issuer != "" {
		label = issuer + ":" + account
		q.Set("issuer", issuer)
	}
	// Apps take a plus for itself, not for a space.
	query := strings.ReplaceAll(q.Encode(), "+", "%20")
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + label, RawQuery: query}).String(), nil
}
