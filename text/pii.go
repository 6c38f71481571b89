package text

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// PIIKind is a set of kinds of personally identifiable information. Kinds combine
// with |; a [Finding] has one.
type PIIKind uint32

// The kinds. Of findings with one score at one place the kind that is named first
// here stays.
const (
	PIISecret     PIIKind = 1 << iota // a key or token that opens something
	PIIURL                            // an address with a scheme or "www."
	PIIEmail                          // "ada@example.com"
	PIIIBAN                           // a bank account, mod 97
	PIICard                           // a payment card, Luhn
	PIIWallet                         // an address of a crypto-currency
	PIIIP                             // IPv4 or IPv6
	PIIMAC                            // a hardware address of 48 bits
	PIINationalID                     // a number that a state gives to a person or firm
	PIIPhone                          // a telephone number
	PIIBirthDate                      // a date near a word such as "born"
	PIIName                           // what PIIOptions.Names finds
	PIIDenied                         // what PIIOptions.Deny lists

	allPII = PIIDenied<<1 - 1
)

var piiNames = [...]string{ // by bit
	"secret", "url", "email", "iban", "card", "wallet", "ip", "mac", "nationalid", "phone", "birthdate", "name",
	"denied",
}

// String returns the names of the kinds with commas between, "none" for none.
func (k PIIKind) String() string {
	if k == 0 {
		return "none"
	}
	if k&(k-1) == 0 && k <= PIIDenied {
		return piiNames[bits.TrailingZeros32(uint32(k))]
	}
	var names []string
	for ; k&allPII != 0; k &= k - 1 {
		names = append(names, piiNames[bits.TrailingZeros32(uint32(k))])
	}
	if k != 0 {
		names = append(names, fmt.Sprintf("%#x", uint32(k)))
	}
	return strings.Join(names, ",")
}

// MarshalText returns the names of the kinds.
func (k PIIKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText sets k to the kinds that are named with commas between, as String
// writes them, or returns an error wrapping [quintet.ErrInput].
func (k *PIIKind) UnmarshalText(names []byte) error {
	var set PIIKind
	if string(names) != "none" {
		for name := range strings.SplitSeq(string(names), ",") {
			bit := slices.Index(piiNames[:], name)
			if bit < 0 {
				return fmt.Errorf("text: no kind of personal data %q: %w", name, quintet.ErrInput)
			}
			set |= 1 << bit
		}
	}
	*k = set
	return nil
}

// Finding is a place of a body that names or belongs to a person.
type Finding struct {
	Span
	Kind PIIKind `json:"kind"` // one kind

	// Form says what the kind leaves open: the issuer of a card ("visa"), the
	// country of an IBAN ("DE"), the number of a state ("us-ssn"), "ipv4",
	// "ipv6", the service of a secret ("github"), "credentials" for a URL that
	// has a user and password, or "" where there is no more to say.
	Form string `json:"form,omitempty"`

	// Score is how sure the finding is, from 0 to 1. Check digits and words that
	// stand before it, such as "phone" or "IBAN", raise it. It is a rank made by
	// rules, not a probability.
	Score float64 `json:"score"`
}

// PIIOptions configures [FindPII]. The zero value finds every kind that needs
// nothing else.
type PIIOptions struct {
	// Kinds is what to look for. Default: all.
	Kinds PIIKind

	// MinScore drops the findings below it, from 0 to 1. Default: 0.5, which is
	// above the numbers that need a word near them and have none.
	MinScore float64

	// Names finds names in a body, as a recogniser of entities does. Spans that
	// are empty or not inside the body are ignored; one that begins or ends
	// inside a rune is widened. Default: none, and no names
	// are found.
	Names func(body string) []Span

	// Allow lists values that are never reported, in any case.
	Allow []string

	// Deny lists values, in UTF-8, that are always reported as PIIDenied where
	// they stand as whole words, in any case of ASCII letters. What they overlap becomes
	// part of them.
	Deny []string
}

const defaultMinScore = 0.5

func (o PIIOptions) withDefaults() (PIIOptions, error) {
	if unknown := o.Kinds &^ allPII; unknown != 0 {
		return o, fmt.Errorf("text: unknown bits %#x in Kinds: %w", uint32(unknown), quintet.ErrOption)
	}
	if !(o.MinScore >= 0 && o.MinScore <= 1) {
		return o, fmt.Errorf("text: MinScore is %v, want 0 to 1: %w", o.MinScore, quintet.ErrOption)
	}
	for i, v := range o.Deny {
		if v == "" || !utf8.ValidString(v) {
			return o, fmt.Errorf("text: Deny[%d] is empty or not UTF-8: %w", i, quintet.ErrOption)
		}
	}
	if o.Kinds == 0 {
		o.Kinds = allPII
	}
	if o.MinScore == 0 {
		o.MinScore = defaultMinScore
	}
	return o, nil
}

// FindPII finds personal data in body. The findings are in order, do not overlap
// and are not empty.
//
// Scanners written by hand start at the few bytes that personal data cannot do
// without and check what can be checked:
//
//   - payment cards by issuer, length, grouping and Luhn (ISO/IEC 7812)
//   - IBANs by country, length, grouping and mod 97 (ISO 13616)
//   - national numbers by their check digits where they have some: us-ssn, us-itin,
//     uk-nino, uk-nhs, de-steuerid, fr-nir, es-dni, es-nie, it-cf, nl-bsn, pl-pesel,
//     se-personnummer, fi-hetu, ch-ahv, br-cpf, br-cnpj, in-aadhaar, ca-sin, au-tfn,
//     cn-rrid
//   - wallets by the checksum of base58check (bitcoin, litecoin, dogecoin) or bech32
//     (BIP 173, BIP 350); those of Ethereum by shape alone
//   - telephone numbers with + or 00 by country code and length (E.164); national
//     ones by the shapes of North America, by a leading 0, or by a word near them
//   - secrets by the prefixes that services publish: aws, github, gitlab, slack,
//     stripe, google, sendgrid, npm, pypi, huggingface, keys with "sk-", JSON Web
//     Tokens, private keys in PEM, and what is assigned to a name such as password
//
// A number of a shape that others share needs a word near it, in the 48 bytes
// before; the words are English and the usual ones of the number's country.
//
// Of what begins at one place the best score stays. A URL and an e-mail address
// hold whatever is inside them; of other overlaps the one that begins first stays. A
// name gives way to the others and keeps what they leave of it.
//
// Limits: an address of a house, a name without Names, and a number written in
// words are not found. A number without a check digit is a guess. Kinds without
// PIIURL finds what stands inside URLs.
//
// The cost is O(len(body)), and it allocates the result only. The error wraps
// [quintet.ErrOption].
func FindPII(body string, o PIIOptions) ([]Finding, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var names []Span
	if o.Names != nil && o.Kinds&PIIName != 0 {
		names = o.Names(body)
	}
	d := newPIIDetector(o)
	return d.find(nil, body, names), nil
}
