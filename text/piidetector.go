package text

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// piiDetector is PIIOptions made ready for many bodies. It is safe for concurrent
// use.
type piiDetector struct {
	opt   PIIOptions
	allow map[string]struct{} // in lower case
	deny  *wordMatcher        // nil for none
}

// newPIIDetector takes options that have their defaults.
func newPIIDetector(o PIIOptions) piiDetector {
	d := piiDetector{opt: o}
	if len(o.Allow) > 0 {
		d.allow = make(map[string]struct{}, len(o.Allow))
		for _, v := range o.Allow {
			d.allow[strings.ToLower(v)] = struct{}{}
		}
	}
	if len(o.Deny) > 0 && o.Kinds&PIIDenied != 0 {
		d.deny = newWordMatcher(o.Deny)
	}
	return d
}

// find appends the findings of body to dst. The names are spans of body in any
// order.
func (d *piiDetector) find(dst []Finding, body string, names []Span) []Finding {
	f := piiFinder{s: body, kinds: d.opt.Kinds, min: d.opt.MinScore, out: dst}
	f.scan()
	out := f.out[f.first:]
	if d.allow != nil {
		out = slices.DeleteFunc(out, func(x Finding) bool { return d.allowed(body, x) })
	}
	if len(names) > 0 && d.opt.Kinds&PIIName != 0 && d.opt.MinScore <= nameScore {
		out = d.withNames(out, body, names)
	}
	if d.deny != nil {
		out = withDenied(out, d.deny.find(nil, body))
	}
	return append(f.out[:f.first], out...) // in place, but for names and denied values
}

func (d *piiDetector) allowed(body string, x Finding) bool {
	_, ok := d.allow[strings.ToLower(x.Of(body))]
	return ok
}

// nameScore is the score of a name: the recogniser's own is not known here.
const nameScore = .8

// withNames adds to sorted findings the names, less what the findings cover.
func (d *piiDetector) withNames(found []Finding, body string, names []Span) []Finding {
	var valid []Finding
	for _, s := range names {
		if s.Start < 0 || s.End <= s.Start || s.End > len(body) {
			continue
		}
		x := Finding{wholeRunes(body, s), PIIName, "", nameScore}
		if d.allow == nil || !d.allowed(body, x) {
			valid = append(valid, x)
		}
	}
	slices.SortFunc(valid, bySpan)
	return merge(found, uncovered(valid, found, body))
}

// wholeRunes widens a span that begins or ends inside a rune, by as many bytes as a
// rune may have more than one.
func wholeRunes(body string, s Span) Span {
	for n := 1; n < utf8.UTFMax && s.Start > 0 && !utf8.RuneStart(body[s.Start]); n++ {
		s.Start--
	}
	for n := 1; n < utf8.UTFMax && s.End < len(body) && !utf8.RuneStart(body[s.End]); n++ {
		s.End++
	}
	return s
}

func bySpan(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
}

// merge returns two sorted lists that do not overlap as one.
func merge(a, b []Finding) []Finding {
	if len(b) == 0 {
		return a
	}
	out := append(a, b...)
	slices.SortFunc(out, bySpan)
	return out
}

// uncovered returns the parts of the sorted spans that neither found nor a span
// before covers, without white space around them.
func uncovered(spans, found []Finding, body string) (out []Finding) {
	done, next := 0, 0 // bytes settled, first of found that may overlap
	piece := func(x Finding, start, end int) {
		start, _ = skipSpace(body[:end], start)
		if end = trimSpace(body, start, end); start < end {
			x.Span = Span{start, end}
			out = append(out, x)
		}
	}
	for _, x := range spans {
		at := max(x.Start, done)
		for next < len(found) && found[next].End <= at {
			next++
		}
		for i := next; i < len(found) && found[i].Start < x.End; i++ {
			if found[i].Start > at {
				piece(x, at, found[i].Start)
			}
			at = max(at, found[i].End)
		}
		if at < x.End {
			piece(x, at, x.End)
		}
		done = max(done, x.End)
	}
	return out
}

// withDenied adds denied spans to sorted findings; what touches the same bytes
// becomes one.
func withDenied(found []Finding, denied []wordMatch) []Finding {
	if len(denied) == 0 {
		return found
	}
	for _, m := range denied {
		found = append(found, Finding{m.Span, PIIDenied, "", 1})
	}
	return unite(found)
}

// unite sorts findings and makes those that overlap one: what was denied or a token
// takes in the others.
func unite(found []Finding) []Finding {
	slices.SortFunc(found, bySpan)
	out := found[:1]
	for _, x := range found[1:] {
		last := &out[len(out)-1]
		if x.Start >= last.End {
			out = append(out, x)
			continue
		}
		span := Span{last.Start, max(last.End, x.End)}
		if x.Kind == PIIDenied || x.Form == tokenForm {
			*last = x
		}
		last.Span = span
	}
	return out
}
