package deploytest_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fault passes connections on to a server, and can do to them what networks do.
type fault struct {
	addr, to string

	mu    sync.Mutex
	delay time.Duration // before each piece that is passed on
	cut   bool          // connections are reset, new ones too
	open  chan struct{} // closed while data flows; a half-open connection waits for it
	conns map[net.Conn]bool
}

func newFault(t *testing.T, to string) *fault {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &fault{addr: l.Addr().String(), to: to, open: make(chan struct{}), conns: make(map[net.Conn]bool)}
	close(f.open)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(c)
		}
	}()
	t.Cleanup(func() { l.Close(); f.set(0, true, false) })
	return f
}

// set changes what happens from now on.
func (f *fault) set(delay time.Duration, cut, hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delay, f.cut = delay, cut
	select {
	case <-f.open:
		if hang {
			f.open = make(chan struct{})
		}
	default:
		if !hang {
			close(f.open)
		}
	}
	if cut {
		for c := range f.conns {
			reset(c)
		}
	}
}

func (f *fault) heal() { f.set(0, false, false) }

func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

func (f *fault) serve(from net.Conn) {
	to, err := net.Dial("tcp", f.to)
	if err != nil {
		reset(from)
		return
	}
	f.mu.Lock()
	f.conns[from], f.conns[to] = true, true
	cut := f.cut
	f.mu.Unlock()
	if !cut {
		var both sync.WaitGroup
		both.Go(func() { f.pump(to, from) })
		both.Go(func() { f.pump(from, to) })
		both.Wait()
	}
	f.mu.Lock()
	delete(f.conns, from)
	delete(f.conns, to)
	f.mu.Unlock()
	reset(from)
	reset(to)
}

// pump passes on what one side sends until it ends, and then ends the other.
func (f *fault) pump(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		f.mu.Lock()
		delay, open := f.delay, f.open
		f.mu.Unlock()
		<-open
		if delay > 0 {
			time.Sleep(delay)
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
