package ngram

// MaxOrder is the length of the longest n-grams.
const MaxOrder = 5

// Boundary is the symbol before and after a word.
const Boundary = 0

// Key is an n-gram: its symbols from the last, which has the lowest bits, to the
// first, and on top of them their number. Two n-grams have two keys.
type Key uint64

const (
	orderShift = MaxOrder * symbolBits
	runeOrder  = MaxOrder + 1
)

// RuneKey is the key of a single rune of any script, not an n-gram.
func RuneKey(r rune) Key { return runeOrder<<orderShift | Key(r) }

// Order returns the number of symbols.
func (k Key) Order() int { return int(k >> orderShift) }

// Last returns the key of the last n symbols of k.
func (k Key) Last(n int) Key {
	return k&(1<<(n*symbolBits)-1) | Key(n)<<orderShift
}

// Context returns the key without its last symbol. The order of k is at least 2.
func (k Key) Context() Key {
	return k&(1<<orderShift-1)>>symbolBits | Key(k.Order()-1)<<orderShift
}

// First returns the first symbol.
func (k Key) First() uint16 { return uint16(k>>((k.Order()-1)*symbolBits)) & symbolMask }

// Append returns the key with one symbol more at its end. The order of k is less
// than MaxOrder.
func (k Key) Append(symbol uint16) Key {
	return k&(1<<orderShift-1)<<symbolBits | Key(symbol) | Key(k.Order()+1)<<orderShift
}

// Window holds the last symbols of a word. The zero Window is the start of a word:
// one boundary.
type Window struct {
	last  Key // without its order
	after int // symbols after the first boundary, at most MaxOrder-1
}

// Push moves the window on and returns the key of the longest n-gram that ends
// there.
func (w *Window) Push(symbol uint16) Key {
	w.last = (w.last<<symbolBits | Key(symbol)) & (1<<orderShift - 1)
	w.after = min(w.after+1, MaxOrder-1)
	return w.last | Key(w.after+1)<<orderShift
}
