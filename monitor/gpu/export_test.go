package gpu

// Fake is a library of tests.
type Fake struct {
	Devices []Device
	Err     error // of every read
	Closed  int
}

func (f *Fake) count() (int, error)        { return len(f.Devices), nil }
func (f *Fake) read(i int) (Device, error) { return f.Devices[i], f.Err }
func (f *Fake) close() error               { f.Closed++; return nil }

// OpenFake is Open with f.
func OpenFake(o Options, f *Fake) (*GPUs, error) { return open(o, f, nil) }

// Forget makes the next value be read anew.
func (g *GPUs) Forget() {
	for i := range g.read {
		g.read[i] = g.read[i].Add(-1e9)
	}
}
