package text

import (
	"crypto/sha256"
	"strings"
)

const (
	minWallet    = 14 // bytes of the shortest bech32 address
	walletScore  = .95
	ethereumForm = .7 // its checksum needs a hash that the standard library lacks
)

// wallet returns the address that the word [start, end) is.
func (f *piiFinder) wallet(start, end int) (none Finding) {
	s := f.s[start:end]
	if f.kinds&PIIWallet == 0 || !beginsPlain(f.s, start) || !endsNumber(f.s, end) {
		return none
	}
	x := Finding{Span{start, end}, PIIWallet, "", walletScore}
	switch n := end - start; {
	case s[0] == '0':
		if n != 42 || s[1] != 'x' || !allHex(s[2:]) {
			return none
		}
		x.Form, x.Score = "ethereum", ethereumForm
	case strings.HasPrefix(s, "bc1") || strings.HasPrefix(s, "BC1"):
		x.Form = "bitcoin"
		if !bech32(s, 2) {
			return none
		}
	case strings.HasPrefix(s, "ltc1"):
		x.Form = "litecoin"
		if !bech32(s, 3) {
			return none
		}
	case n >= 26 && n <= 35:
		f.work += 25 * n
		if x.Form = base58check(s); x.Form == "" {
			return none
		}
	default:
		return none
	}
	f.work += end - start
	return x
}

func allHex(s string) bool {
	for i := range len(s) {
		if !asciiHex(s[i]) {
			return false
		}
	}
	return true
}

// base58 has the value of each character of Bitcoin's base 58, or 255.
var base58 = func() (t [256]uint8) {
	for i := range t {
		t[i] = 255
	}
	for v, b := range []byte("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz") {
		t[b] = uint8(v)
	}
	return t
}()

// base58check returns the coin of an address: a version, 20 bytes and the first
// four of their double SHA-256. It returns "" for anything else.
func base58check(s string) string {
	var raw [25]byte
	for i := range len(s) {
		carry := int(base58[s[i]])
		if carry == 255 {
			return ""
		}
		for j := len(raw) - 1; j >= 0; j-- {
			carry += 58 * int(raw[j])
			raw[j] = byte(carry)
			carry >>= 8
		}
		if carry != 0 {
			return ""
		}
	}
	coin := ""
	switch raw[0] {
	case 0x00, 0x05:
		coin = "bitcoin"
	case 0x1e, 0x16:
		coin = "dogecoin"
	case 0x30, 0x32:
		coin = "litecoin"
	default:
		return ""
	}
	sum := sha256.Sum256(raw[:21])
	sum = sha256.Sum256(sum[:])
	if string(sum[:4]) != string(raw[21:]) {
		return ""
	}
	return coin
}

// bech32 checks an address whose part for humans has n characters: BIP 173, or BIP
// 350 from the first version of the program on.
func bech32(s string, n int) bool {
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	sum, capitals := uint32(1), s[0] < 'a'
	for i := range n {
		sum = bech32Step(sum, uint32(s[i]|0x20)>>5)
	}
	sum = bech32Step(sum, 0)
	for i := range n {
		sum = bech32Step(sum, uint32(s[i]|0x20)&31)
	}
	version := -1
	for i := n + 1; i < len(s); i++ {
		b := s[i]
		if classOf[b] == letterByte && (b < 'a') != capitals {
			return false
		}
		v := strings.IndexByte(charset, b|0x20)
		if asciiDigit(b) {
			v = strings.IndexByte(charset, b)
		}
		if v < 0 {
			return false
		}
		if version < 0 {
			version = v
		}
		sum = bech32Step(sum, uint32(v))
	}
	if version == 0 {
		return sum == 1
	}
	return sum == 0x2bc830a3
}

func bech32Step(sum, v uint32) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ v
	for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}
