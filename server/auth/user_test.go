package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/auth"
)

var here, there = netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")

// people has ann with a password, bob with a one-time code too, and eve who is disabled.
func people(t *testing.T, o auth.UsersOptions) (*auth.Users, auth.TOTP) {
	t.Helper()
	if o.Passwords == nil {
		o.Passwords = passwords(t, quick)
	}
	u, err := auth.NewUsers(o)
	require.NoError(t, err)
	app := auth.TOTP{Secret: auth.NewTOTPSecret()}
	for _, user := range []auth.User{
		{Name: "ann", Tenant: "acme", Roles: []string{"user"}}, {Name: "bob", TOTP: &app}, {Name: "eve", Disabled: true},
	} {
		require.NoError(t, u.Add(t.Context(), user, "password of "+user.Name))
	}
	return u, app
}

func TestEverythingWrongWithALoginLooksTheSame(t *testing.T) {
	u, app := people(t, auth.UsersOptions{Now: atNoon, Lock: auth.LockOptions{Address: 1000}})
	ctx := t.Context()
	p, err := u.Login(ctx, auth.Attempt{Name: "ann", Password: "password of ann", Remote: here})
	require.NoError(t, err)
	require.Equal(t, auth.Principal{Subject: "ann", Tenant: "acme", Roles: []string{"user"}, Method: "password"}, p)
	code, err := app.Code(noon)
	require.NoError(t, err)
	for name, a := range map[string]auth.Attempt{
		"unknown":           {Name: "zoe", Password: "password of zoe"},
		"disabled":          {Name: "eve", Password: "password of eve"},
		"wrong password":    {Name: "ann", Password: "password of bob"},
		"no password":       {Name: "ann"},
		"endless password":  {Name: "ann", Password: strings.Repeat("x", 1<<20)},
		"name in capitals":  {Name: "ANN", Password: "password of ann"},
		"no name":           {Password: "x"},
		"endless name":      {Name: strings.Repeat("n", 1<<20), Password: "x"},
		"no code":           {Name: "bob", Password: "password of bob"},
		"wrong code":        {Name: "bob", Password: "password of bob", Code: "abcdef"},
		"code, no password": {Name: "bob", Code: code},
	} {
		t.Run(name, func(t *testing.T) {
			a.Remote = here
			p, err := u.Login(ctx, a)
			require.ErrorIs(t, err, auth.ErrDenied)
			require.Empty(t, p)
		})
	}
}

func TestCodeLogsInOnceEvenIfSentAtTheSameTime(t *testing.T) {
	u, app := people(t, auth.UsersOptions{Now: atNoon, Lock: auth.LockOptions{Pair: 100, Address: 100, Subject: 100}})
	code, err := app.Code(noon)
	require.NoError(t, err)
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := u.Login(context.Background(), auth.Attempt{Name: "bob", Password: "password of bob", Code: code, Remote: here})
			switch {
			case err == nil:
				in.Add(1)
			case !errors.Is(err, auth.ErrDenied) && !errors.Is(err, quintet.ErrBusy):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, in.Load())
}

func TestGuessingIsLocked(t *testing.T) {
	now := noon
	u, _ := people(t, auth.UsersOptions{
		Now: func() time.Time { return now }, Lock: auth.LockOptions{Pair: 3, Address: 8, Subject: 6, Window: time.Minute},
	})
	ctx := t.Context()
	try := func(name, password string, from netip.Addr) error {
		_, err := u.Login(ctx, auth.Attempt{Name: name, Password: password, Remote: from})
		return err
	}
	for range 3 {
		require.ErrorIs(t, try("ann", "guess", here), auth.ErrDenied)
	}
	require.ErrorIs(t, try("ann", "password of ann", here), auth.ErrLocked, "the right one does not help")
	require.ErrorIs(t, try("ann", "password of ann", netip.MustParseAddr("::ffff:192.0.2.1")), auth.ErrLocked, "the same address")
	require.ErrorIs(t, try("ann", "guess", here), quintet.ErrBusy)
	require.NoError(t, try("ann", "password of ann", there), "ann is not locked out elsewhere")
	now = now.Add(59 * time.Second)
	require.ErrorIs(t, try("ann", "password of ann", here), auth.ErrLocked)
	now = now.Add(time.Second)
	require.NoError(t, try("ann", "password of ann", here), "what is refused does not count")

	for i := range 8 { // the names of many from one address
		require.ErrorIs(t, try(fmt.Sprint("user", i), "guess", here), auth.ErrDenied)
	}
	require.ErrorIs(t, try("ann", "password of ann", here), auth.ErrLocked)

	now = now.Add(time.Hour)
	for i := range 6 { // one name from many addresses
		require.ErrorIs(t, try("ann", "guess", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})), auth.ErrDenied)
	}
	require.ErrorIs(t, try("ann", "password of ann", there), auth.ErrLocked)

	now = now.Add(time.Hour)
	for i := range 3 { // one host has many addresses of IPv6
		require.ErrorIs(t, try("ann", "guess", netip.MustParseAddr(fmt.Sprint("2001:db8::", i))), auth.ErrDenied)
	}
	require.ErrorIs(t, try("ann", "password of ann", netip.MustParseAddr("2001:db8::9")), auth.ErrLocked)

	now = now.Add(time.Hour)
	for range 3 {
		require.ErrorIs(t, try("ann", "guess", netip.Addr{}), auth.ErrDenied, "an address that is not known is one")
	}
	require.ErrorIs(t, try("ann", "password of ann", netip.Addr{}), auth.ErrLocked)
}

func TestManyGuessesAtOnceAreNoMoreThanAllowed(t *testing.T) {
	o := quick
	o.Concurrent = 100
	u, _ := people(t, auth.UsersOptions{Now: atNoon, Passwords: passwords(t, o)})
	var looked atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := u.Login(context.Background(), auth.Attempt{Name: "ann", Password: "guess", Remote: here}); errors.Is(err, auth.ErrDenied) {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 5, looked.Load())
}

func TestBusyServerLocksNobodyOut(t *testing.T) {
	o := quick
	o.Concurrent = 1
	p := passwords(t, o)
	u, _ := people(t, auth.UsersOptions{Now: atNoon, Passwords: p})
	free := p.Occupy()
	for range 100 {
		_, err := u.Login(t.Context(), auth.Attempt{Name: "ann", Password: "password of ann", Remote: here})
		require.ErrorIs(t, err, quintet.ErrBusy)
		require.NotErrorIs(t, err, auth.ErrLocked)
	}
	free()
	_, err := u.Login(t.Context(), auth.Attempt{Name: "ann", Password: "password of ann", Remote: here})
	require.NoError(t, err)
}

func TestOldHashIsReplacedAtLogin(t *testing.T) {
	ctx, store := t.Context(), &auth.MemoryUsers{}
	b, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	require.NoError(t, err)
	require.NoError(t, store.Save(ctx, auth.User{Name: "old", Hash: string(b)}))
	u, _ := people(t, auth.UsersOptions{Store: store})
	for range 2 {
		_, err = u.Login(ctx, auth.Attempt{Name: "old", Password: "secret", Remote: here})
		require.NoError(t, err)
		user, _, err := store.Load(ctx, "old")
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(user.Hash, "$argon2id$"))
	}
}

func TestUnfitUsersAreRefused(t *testing.T) {
	u, _ := people(t, auth.UsersOptions{})
	require.ErrorIs(t, u.Add(t.Context(), auth.User{}, "x"), quintet.ErrInput)
	require.ErrorIs(t, u.Add(t.Context(), auth.User{Name: "x"}, ""), quintet.ErrInput)
	require.ErrorIs(t, u.Add(t.Context(), auth.User{Name: "x", TOTP: &auth.TOTP{}}, "x"), quintet.ErrOption)
	_, err := auth.NewUsers(auth.UsersOptions{Lock: auth.LockOptions{Pair: -1}})
	require.ErrorIs(t, err, quintet.ErrOption)
}
