package text

// PIIWork returns how many bytes the scanners of FindPII look at, beyond the one
// pass that all bodies take.
func PIIWork(body string) int {
	f := piiFinder{s: body, kinds: allPII, min: defaultMinScore}
	f.scan()
	return f.work
}
