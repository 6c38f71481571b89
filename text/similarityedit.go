package text

import "unicode/utf8"

// Levenshtein returns how many runes must be inserted, deleted or replaced to make
// b of a. Every byte that is not UTF-8 counts as one rune, and all of them are
// equal. Nothing is folded or normalised: é in one rune and in two are different.
//
// It is the bit-parallel algorithm of Myers (Journal of the ACM 46, 1999) as
// Hyyrö states it (2003), 64 rows at a time. The cost is O(m·n/64) for m and n
// runes, and O(m + n) memory; nothing is allocated if one of the texts, without
// what both begin and end with, has at most 64 runes. A megabyte against another
// takes minutes: bound what strangers send.
func Levenshtein(a, b string) int { return distance(a, b, false) }

// OSA returns the optimal string alignment distance: like [Levenshtein], and two
// neighbours that are swapped count as one change. No part of the text is changed
// twice, so that "ca" is 3 from "abc", not 2 as in the unrestricted distance of
// Damerau, and the triangle inequality does not hold.
func OSA(a, b string) int { return distance(a, b, true) }

func distance(a, b string, swaps bool) int {
	a, b = withoutEnds(a, b)
	m, n := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	if m > n {
		a, b, m, n = b, a, n, m
	}
	switch {
	case m == 0:
		return n
	case m <= 64:
		return distance64(a, b, m, swaps)
	}
	return distanceLong([]rune(a), []rune(b), swaps)
}

// withoutEnds removes what both texts begin and end with, in whole runes.
func withoutEnds(a, b string) (string, string) {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, k := utf8.DecodeRuneInString(b)
		if x != y {
			break
		}
		a, b = a[n:], b[k:]
	}
	for a != "" && b != "" {
		x, n := utf8.DecodeLastRuneInString(a)
		y, k := utf8.DecodeLastRuneInString(b)
		if x != y {
			break
		}
		a, b = a[:len(a)-n], b[:len(b)-k]
	}
	return a, b
}

// column is a column of 64 rows of the matrix of distances, as the differences
// between rows: up has a bit where the distance grows by one, down where it falls.
type column struct {
	up, down uint64
	diagonal uint64 // where the last column was entered without cost
	match    uint64 // of the last column
}

// carry is what goes from the last row of a block to the first of the next.
type carry struct {
	grows, falls uint64 // 1 if the distance does, from one column to the next
	swap         uint64 // 1 if a swap may begin in the last row
}

// step moves to the next column, in which match has a bit for each row with the
// rune of the column, and returns the horizontal differences of all rows.
func (c *column) step(match uint64, in carry, swaps bool) (out carry, grows, falls uint64) {
	begun := ^c.diagonal & match
	swap := uint64(0)
	if swaps {
		swap = (begun<<1 | in.swap) & c.match
	}
	x := match | in.falls
	diagonal := ((x & c.up) + c.up) ^ c.up | x | c.down | swap
	grows = c.down | ^(diagonal | c.up)
	falls = diagonal & c.up
	out = carry{grows >> 63, falls >> 63, begun >> 63}

	g, f := grows<<1|in.grows, falls<<1|in.falls
	c.up, c.down = f|^(diagonal|g), g&diagonal
	c.diagonal, c.match = diagonal, match
	return out, grows, falls
}

// distance64 is distance for a of m runes, at most 64, and not more than b.
func distance64(a, b string, m int, swaps bool) int {
	var ascii [utf8.RuneSelf]uint64
	var others [64]rune // of a, by row
	row, wide := 0, false
	for _, r := range a {
		if r < utf8.RuneSelf {
			ascii[r] |= 1 << row
		} else {
			others[row], wide = r, true
		}
		row++
	}
	c, d, last := column{up: ^uint64(0)}, m, uint64(1)<<(m-1)
	for _, r := range b {
		match := uint64(0)
		if r < utf8.RuneSelf {
			match = ascii[r]
		} else if wide {
			for row, other := range others[:m] {
				if other == r {
					match |= 1 << row
				}
			}
		}
		_, grows, falls := c.step(match, carry{grows: 1}, swaps)
		d += change(grows&last, falls&last)
	}
	return d
}

// change is by how much the distance in a row changes.
func change(grows, falls uint64) int {
	switch {
	case grows != 0:
		return 1
	case falls != 0:
		return -1
	}
	return 0
}

// distanceLong is distance for any a: block after block of 64 of its runes, each
// over all of b, with what one block leaves for the next.
func distanceLong(a, b []rune, swaps bool) int {
	number := map[rune]int32{} // of the runes of b, from 1
	columns := make([]int32, len(b))
	for j, r := range b {
		if number[r] == 0 {
			number[r] = int32(len(number)) + 1
		}
		columns[j] = number[r]
	}
	match := make([]uint64, len(number)+1)
	carries := make([]carry, len(b))
	for j := range carries {
		carries[j].grows = 1
	}
	d := len(a)
	for start := 0; start < len(a); start += 64 {
		rows := a[start:min(start+64, len(a))]
		for i, r := range rows {
			match[number[r]] |= 1 << i // 0 is for runes that b lacks
		}
		match[0] = 0
		c, last := column{up: ^uint64(0)}, uint64(0)
		if start+len(rows) == len(a) {
			last = 1 << (len(rows) - 1)
		}
		for j, k := range columns {
			var grows, falls uint64
			carries[j], grows, falls = c.step(match[k], carries[j], swaps)
			d += change(grows&last, falls&last)
		}
		for _, r := range rows {
			match[number[r]] = 0
		}
	}
	return d
}
