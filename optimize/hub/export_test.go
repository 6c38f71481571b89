package hub

// For the fuzz tests.
var (
	ParseManifest = parseManifest
	ValidName     = validName
	RetryAfter    = retryAfter
)

// ParseList returns what a fetch would choose from a server's list.
func ParseList(data []byte) ([]File, error) {
	l, err := parseList(data)
	if err != nil {
		return nil, err
	}
	return l.choose()
}
