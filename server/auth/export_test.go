package auth

// Occupy takes one of the places for computing hashes until it is freed.
func (p *Passwords) Occupy() (free func()) {
	p.slots <- struct{}{}
	return func() { <-p.slots }
}
