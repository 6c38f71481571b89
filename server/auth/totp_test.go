package auth_test

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

// RFC 6238, appendix B.
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	digits := strings.Repeat("1234567890", 7)
	secrets := map[auth.TOTPAlgorithm]string{auth.TOTPSHA1: digits[:20], auth.TOTPSHA256: digits[:32], auth.TOTPSHA512: digits[:64]}
	for _, c := range []struct {
		at        int64
		algorithm auth.TOTPAlgorithm
		want      string
	}{
		{59, auth.TOTPSHA1, "94287082"}, {59, auth.TOTPSHA256, "46119246"}, {59, auth.TOTPSHA512, "90693936"},
		{1111111109, auth.TOTPSHA1, "07081804"}, {1111111109, auth.TOTPSHA256, "68084774"}, {1111111109, auth.TOTPSHA512, "25091201"},
		{1111111111, auth.TOTPSHA1, "14050471"}, {1111111111, auth.TOTPSHA256, "67062674"}, {1111111111, auth.TOTPSHA512, "99943326"},
		{1234567890, auth.TOTPSHA1, "89005924"}, {1234567890, auth.TOTPSHA256, "91819424"}, {1234567890, auth.TOTPSHA512, "93441116"},
		{2000000000, auth.TOTPSHA1, "69279037"}, {2000000000, auth.TOTPSHA256, "90698825"}, {2000000000, auth.TOTPSHA512, "38618901"},
		{20000000000, auth.TOTPSHA1, "65353130"}, {20000000000, auth.TOTPSHA256, "77737706"}, {20000000000, auth.TOTPSHA512, "47863826"},
	} {
		o := auth.TOTP{Secret: []byte(secrets[c.algorithm]), Algorithm: c.algorithm, Digits: 8}
		at := time.Unix(c.at, 0)
		got, err := o.Code(at)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
		step, err := o.Verify(got, at, 0)
		require.NoError(t, err)
		require.Equal(t, c.at/30, step)
		o.Digits = 6
		got, err = o.Code(at)
		require.NoError(t, err)
		require.Equal(t, c.want[2:], got)
	}
}

func TestCodeCountsOnceWithinItsWindow(t *testing.T) {
	o := auth.TOTP{Secret: auth.NewTOTPSecret()}
	code := func(at time.Time) string {
		c, err := o.Code(at)
		require.NoError(t, err)
		return c
	}
	for off, want := range map[time.Duration]bool{
		-61 * time.Second: false, -30 * time.Second: true, 0: true, 30 * time.Second: true, 61 * time.Second: false,
	} {
		_, err := o.Verify(code(noon), noon.Add(off), 0)
		require.Equal(t, want, err == nil, off)
	}
	step, err := o.Verify(code(noon), noon, 0)
	require.NoError(t, err)
	_, err = o.Verify(code(noon), noon, step)
	require.ErrorIs(t, err, auth.ErrDenied, "used")
	_, err = o.Verify(code(noon.Add(-30*time.Second)), noon, step)
	require.ErrorIs(t, err, auth.ErrDenied, "older than a used one")
	later, err := o.Verify(code(noon.Add(30*time.Second)), noon, step)
	require.NoError(t, err)
	require.Equal(t, step+1, later)
	_, err = o.Verify(code(noon), noon.Add(-time.Hour), step)
	require.ErrorIs(t, err, auth.ErrDenied, "a clock that went back gives no code back")
	for _, bad := range []string{"", "0", code(noon)[:5], code(noon) + "0", " " + code(noon), strings.Repeat("0", 1<<16)} {
		_, err = o.Verify(bad, noon, 0)
		require.ErrorIs(t, err, auth.ErrDenied, "%.20q", bad)
	}
}

func TestAppsCanReadTheAddress(t *testing.T) {
	secret := auth.NewTOTPSecret()
	s, err := auth.TOTP{Secret: secret, Digits: 8, Algorithm: auth.TOTPSHA256}.URL("Acme Co", "ann+1@x.org")
	require.NoError(t, err)
	require.NotContains(t, s, "Acme+Co")
	u, err := url.Parse(s)
	require.NoError(t, err)
	require.Equal(t, "otpauth", u.Scheme)
	require.Equal(t, "totp", u.Host)
	require.Equal(t, "/Acme Co:ann+1@x.org", u.Path)
	q := u.Query()
	require.Equal(t, "Acme Co", q.Get("issuer"))
	require.Equal(t, "SHA256", q.Get("algorithm"))
	require.Equal(t, "8", q.Get("digits"))
	require.Equal(t, "30", q.Get("period"))
	require.Equal(t, base32.StdEncoding.EncodeToString(secret), q.Get("secret"))
	for _, bad := range [][2]string{{"a", ""}, {"a:b", "c"}, {"a", "b:c"}} {
		_, err = auth.TOTP{Secret: secret}.URL(bad[0], bad[1])
		require.ErrorIs(t, err, quintet.ErrInput)
	}
}

func TestUnfitCodesAreRefused(t *testing.T) {
	good := auth.NewTOTPSecret()
	for name, o := range map[string]auth.TOTP{
		"no secret": {}, "short secret": {Secret: good[:15]}, "long secret": {Secret: make([]byte, 129)},
		"MD5": {Secret: good, Algorithm: "MD5"}, "seven digits": {Secret: good, Digits: 7},
		"no whole seconds": {Secret: good, Period: 1500 * time.Millisecond}, "negative period": {Secret: good, Period: -1},
		"wide window": {Secret: good, Window: 11}, "negative window": {Secret: good, Window: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.Code(noon)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = o.Verify("000000", noon, 0)
			require.ErrorIs(t, err, quintet.ErrOption)
			_, err = o.URL("a", "b")
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}
