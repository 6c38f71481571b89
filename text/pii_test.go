package text_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

func findPII(tb testing.TB, body string, o text.PIIOptions) []text.Finding {
	tb.Helper()
	found, err := text.FindPII(body, o)
	require.NoError(tb, err)
	return found
}

// shown writes findings as "kind form: text".
func shown(body string, found []text.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, strings.TrimSpace(f.Kind.String()+" "+f.Form)+": "+f.Of(body))
	}
	return out
}

func TestFindPII(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"nothing":               {"", nil},
		"prose":                 {"In 2019 the 3 cats ate 1,200 mice, about 3.14 a day (see p. 12-14).", nil},
		"e-mail":                {"Ask ada.l+x@example.com.", []string{"email: ada.l+x@example.com"}},
		"e-mail in any script":  {"josé@bücher.example", []string{"email: josé@bücher.example"}},
		"e-mail at an address":  {"ada@[10.0.0.1]", []string{"email: ada@[10.0.0.1]"}},
		"e-mail behind mailto":  {"mailto:ada@example.com", []string{"email: ada@example.com"}},
		"no e-mail":             {"@ada a@b @ @@ a@.com price@3", nil},
		"e-mail with a number":  {"12345678901@example.com", []string{"email: 12345678901@example.com"}},
		"URL":                   {"(https://go.dev/doc).", []string{"url: https://go.dev/doc"}},
		"URL with www":          {"see www.example.com/a", []string{"url: www.example.com/a"}},
		"URL with a password":   {"ftp://ada:pw@example.com/x", []string{"url credentials: ftp://ada:pw@example.com/x"}},
		"URL with a user only":  {"ssh://git@example.com/x", []string{"url: ssh://git@example.com/x"}},
		"URL holds the rest":    {"https://a.example/?m=ada@example.com", []string{"url: https://a.example/?m=ada@example.com"}},
		"card":                  {"4111 1111 1111 1111", []string{"card visa: 4111 1111 1111 1111"}},
		"card with hyphens":     {"6011-1111-1111-1117", []string{"card discover: 6011-1111-1111-1117"}},
		"card in one piece":     {"5555555555554444", []string{"card mastercard: 5555555555554444"}},
		"card of 15 digits":     {"3782 822463 10005", []string{"card amex: 3782 822463 10005"}},
		"card in a table":       {"ada,4111111111111111,x", []string{"card visa: 4111111111111111"}},
		"card that Luhn denies": {"4111 1111 1111 1112", nil},
		"card of mixed marks":   {"4111 1111-1111 1111", nil},
		"card of no issuer":     {"9999999999999995", nil},
		"card inside a number":  {"14111111111111111111111", nil},
		"IBAN":                  {"DE89 3704 0044 0532 0130 00", []string{"iban DE: DE89 3704 0044 0532 0130 00"}},
		"IBAN with letters":     {"FR1420041010050500013M02606", []string{"iban FR: FR1420041010050500013M02606"}},
		"IBAN that fails":       {"DE88370400440532013000", nil},
		"IBAN too short":        {"DE8937040044053201300", nil},
		"IPv4":                  {"from 192.0.2.7.", []string{"ip ipv4: 192.0.2.7"}},
		"IPv4 too large":        {"192.0.2.256 1.2.3 1.2.3.4.5 01.2.3.4", nil},
		"version":               {"version 1.2.3.4", nil},
		"IPv6":                  {"2001:db8::1, ::ffff:192.0.2.1", []string{"ip ipv6: 2001:db8::1", "ip ipv6: ::ffff:192.0.2.1"}},
		"IPv6 in full":          {"fe80:0:0:0:1:2:3:4", []string{"ip ipv6: fe80:0:0:0:1:2:3:4"}},
		"no IPv6":               {"std::vector 12:30:45 a::b 1:2:3:4:5:6:7:8:9 ::", nil},
		"MAC":                   {"00:1A:2B:3c:4d:5e 00-1A-2B-3C-4D-5E", []string{"mac: 00:1A:2B:3c:4d:5e", "mac: 00-1A-2B-3C-4D-5E"}},
		"MAC in a fingerprint":  {"00:1A:2B:3c:4d:5e:6f", nil},
		"date of birth":         {"born on 12 March 1985", []string{"birthdate: 12 March 1985"}},
		"date of birth, US":     {"DOB: March 12, 1985", []string{"birthdate: March 12, 1985"}},
		"date of birth, ISO":    {"date of birth 1985-03-12", []string{"birthdate: 1985-03-12"}},
		"date of birth, German": {"geboren am 3.12.1985", []string{"birthdate: 3.12.1985"}},
		"date of birth, French": {"née le 1er août 1985", []string{"birthdate: 1er août 1985"}},
		"date of birth, Spain":  {"nacido el 12 de marzo de 1985", []string{"birthdate: 12 de marzo de 1985"}},
		"date of something":     {"signed on 12 March 1985", nil},
		"date that is none":     {"born on 31 February 1985, 1985-13-12", nil},
		"phone abroad":          {"+44 20 7946 0958", []string{"phone: +44 20 7946 0958"}},
		"phone with trunk 0":    {"+44 (0)20 7946 0958", []string{"phone: +44 (0)20 7946 0958"}},
		"phone after 00":        {"0049 30 123456", []string{"phone: 0049 30 123456"}},
		"phone in America":      {"(555) 234-5678 or 555.234.5678", []string{"phone: (555) 234-5678", "phone: 555.234.5678"}},
		"phone in Europe":       {"06 12 34 56 78, 0171/1234567", []string{"phone: 06 12 34 56 78", "phone: 0171/1234567"}},
		"phone by its word":     {"tel. 5552345678", []string{"phone: 5552345678"}},
		"phone without word":    {"order 5552345678", nil},
		"phone stops in time":   {"+1 555 234 5678 2024", []string{"phone: +1 555 234 5678"}},
		"no phone":              {"+280 1234 5678, 01.02.2024 10.30, $555-234-5678, 1+23456789", nil},
		"bitcoin":               {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", []string{"wallet bitcoin: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}},
		"bitcoin that fails":    {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", nil},
		"bech32": {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
			[]string{"wallet bitcoin: bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}},
		"bech32m": {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
			[]string{"wallet bitcoin: bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"}},
		"bech32 that fails": {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", nil},
		"ethereum": {"0x52908400098527886E0F7030069857D2E4169EE7",
			[]string{"wallet ethereum: 0x52908400098527886E0F7030069857D2E4169EE7"}},
		"NUL and broken bytes": {"\x00ada@example.com\xff", []string{"email: ada@example.com"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, shown(tt.body, findPII(t, tt.body, text.PIIOptions{})))
		})
	}
}

// Each number is an example of its authority or was made by its rule; with one
// digit or letter changed it must not be found.
func TestNationalNumbersAreChecked(t *testing.T) {
	tests := map[string]struct{ word, good, bad string }{
		"us-ssn":          {"SSN", "219-09-9998", "000-09-9998"},
		"us-itin":         {"ITIN", "912-70-1234", "912-69-1234"},
		"uk-nino":         {"NINO", "AB 12 34 56 C", "BG 12 34 56 C"},
		"uk-nhs":          {"NHS", "943 476 5919", "943 476 5918"},
		"de-steuerid":     {"IdNr", "65929970489", "65929970488"},
		"fr-nir":          {"NIR", "1 85 05 78 006 084 91", "1 85 05 78 006 084 92"},
		"es-dni":          {"DNI", "12345678Z", "12345678A"},
		"es-nie":          {"NIE", "X1234567L", "X1234567M"},
		"it-cf":           {"codice", "RSSMRA85T10A562S", "RSSMRA85T10A562T"},
		"nl-bsn":          {"BSN", "111222333", "111222334"},
		"pl-pesel":        {"PESEL", "44051401359", "44051401358"},
		"se-personnummer": {"personnummer", "811228-9874", "811228-9873"},
		"fi-hetu":         {"hetu", "131052-308T", "131052-308U"},
		"ch-ahv":          {"AHV", "756.9217.0769.85", "756.9217.0769.84"},
		"br-cpf":          {"CPF", "529.982.247-25", "529.982.247-24"},
		"br-cnpj":         {"CNPJ", "11.222.333/0001-81", "11.222.333/0001-82"},
		"in-aadhaar":      {"Aadhaar", "2341 2341 2346", "2341 2341 2347"},
		"ca-sin":          {"SIN", "130 692 544", "130 692 545"},
		"au-tfn":          {"TFN", "123 456 782", "123 456 783"},
		"cn-rrid":         {"resident", "11010519491231002X", "110105194912310021"},
	}
	for form, tt := range tests {
		t.Run(form, func(t *testing.T) {
			o := text.PIIOptions{Kinds: text.PIINationalID}
			body := tt.word + " " + tt.good + "."
			found := findPII(t, body, o)
			require.Len(t, found, 1)
			require.Equal(t, tt.good, found[0].Of(body))
			require.Equal(t, form, found[0].Form)
			require.Empty(t, findPII(t, tt.word+" "+tt.bad, o))
		})
	}
}

// A French number of Corsica has a letter; a German one is counted digit by digit.
func TestNationalNumbersOfOtherShapes(t *testing.T) {
	for body, form := range map[string]string{
		"1 85 05 2A 006 084 35":          "fr-nir",
		"AB123456C":                      "uk-nino",
		"RSS MRA 85T10 A562S":            "it-cf",
		"X-1234567-L":                    "es-nie",
		"12.345.678-Z":                   "es-dni",
		"personnummer 19811228-9874":     "se-personnummer",
		"his ssn is 219099998, he wrote": "us-ssn",
	} {
		found := findPII(t, body, text.PIIOptions{Kinds: text.PIINationalID})
		require.Len(t, found, 1, body)
		require.Equal(t, form, found[0].Form, body)
	}
}

func TestSecrets(t *testing.T) {
	tail := strings.Repeat("a1B2", 30)
	pem := "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nMIIabc+/=\n-----END RSA PRIVATE KEY-----"
	tests := map[string]struct{ body, form, want string }{
		"aws":                    {"id AKIAIOSFODNN7EXAMPLE.", "aws", "AKIAIOSFODNN7EXAMPLE"},
		"github":                 {"ghp_" + tail[:36], "github", "ghp_" + tail[:36]},
		"github, fine-grained":   {"github_pat_" + tail[:82], "github", "github_pat_" + tail[:82]},
		"gitlab":                 {"glpat-" + tail[:20], "gitlab", "glpat-" + tail[:20]},
		"slack":                  {"xoxb-123456789012-abc", "slack", "xoxb-123456789012-abc"},
		"stripe":                 {"sk_live_" + tail[:24], "stripe", "sk_live_" + tail[:24]},
		"google key":             {"AIza" + tail[:35], "google", "AIza" + tail[:35]},
		"google token":           {"ya29." + tail[:40], "google", "ya29." + tail[:40]},
		"sendgrid":               {"SG." + tail[:22] + "." + tail[:43], "sendgrid", "SG." + tail[:22] + "." + tail[:43]},
		"npm":                    {"npm_" + tail[:36], "npm", "npm_" + tail[:36]},
		"pypi":                   {"pypi-" + tail[:60], "pypi", "pypi-" + tail[:60]},
		"huggingface":            {"hf_" + tail[:34], "huggingface", "hf_" + tail[:34]},
		"sk":                     {"sk-" + tail[:40], "sk", "sk-" + tail[:40]},
		"web token":              {"eyJhbGciOiJI.eyJzdWIiOiIx." + tail[:43] + " x", "jwt", "eyJhbGciOiJI.eyJzdWIiOiIx." + tail[:43]},
		"private key":            {"key " + pem + " end", "pem", pem},
		"private key, cut off":   {"-----BEGIN PRIVATE KEY-----\nMIIabc\nqr", "pem", "-----BEGIN PRIVATE KEY-----\nMIIabc\nqr"},
		"assigned":               {"password: hunter22x,", "assigned", "hunter22x"},
		"assigned in JSON":       {`"api_key": "abc12345"`, "assigned", "abc12345"},
		"assigned without digit": {"The secret: patience", "", ""},
		"too short":              {"ghp_abc AKIA123 sk-abc xox-1", "", ""},
		"public certificate":     {"-----BEGIN CERTIFICATE-----\nMIIabc\n", "", ""},
		"inside a word":          {"task_live_" + tail[:24], "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found := findPII(t, tt.body, text.PIIOptions{Kinds: text.PIISecret})
			if tt.form == "" {
				require.Empty(t, shown(tt.body, found))
				return
			}
			require.Equal(t, []string{"secret " + tt.form + ": " + tt.want}, shown(tt.body, found))
		})
	}
}

func TestWordsNearbyRaiseTheScore(t *testing.T) {
	for _, tt := range [][2]string{
		{"code 555-234-5678", "phone 555-234-5678"}, {"4111111111111111", "card 4111111111111111"},
		{"DE89370400440532013000", "iban DE89370400440532013000"}, {"192.0.2.1", "ip 192.0.2.1"},
		{"219-09-9998", "Social security: 219-09-9998"},
	} {
		plain, near := findPII(t, tt[0], text.PIIOptions{}), findPII(t, tt[1], text.PIIOptions{})
		require.Len(t, plain, 1)
		require.Len(t, near, 1)
		require.Greater(t, near[0].Score, plain[0].Score, tt[1])
		require.Empty(t, findPII(t, tt[0], text.PIIOptions{MinScore: near[0].Score}))
	}
}

func TestPIIKindsLimitTheSearch(t *testing.T) {
	body := "https://a.example/?m=ada@example.com"
	require.Equal(t, []string{"email: ada@example.com"},
		shown(body, findPII(t, body, text.PIIOptions{Kinds: text.PIIEmail})))
}

func TestNamesGiveWay(t *testing.T) {
	body := "Ada Lovelace wrote to ada@example.com from London"
	names := func(s string) []text.Span {
		require.Equal(t, body, s)
		return []text.Span{
			{Start: 22, End: 42}, {Start: 0, End: 12}, {Start: 4, End: 18}, // one overlaps the address, one a name
			{Start: -1, End: 3}, {Start: 5, End: 5}, {Start: 40, End: 99},
		}
	}
	require.Equal(t, []string{"name: Ada Lovelace", "name: wrote", "email: ada@example.com", "name: from"},
		shown(body, findPII(t, body, text.PIIOptions{Names: names})))
	require.Equal(t, []string{"name: Lovelace wrote", "email: ada@example.com", "name: from"},
		shown(body, findPII(t, body, text.PIIOptions{Names: names, Allow: []string{"ADA lovelace"}})))
}

func TestNamesAreWholeRunes(t *testing.T) {
	names := func(string) []text.Span { return []text.Span{{Start: 1, End: 3}} }
	require.Equal(t, []text.Span{{Start: 0, End: 4}}, spansOf(findPII(t, "éé.", text.PIIOptions{Names: names})))
	require.Equal(t, []text.Span{{Start: 0, End: 6}}, spansOf(findPII(t, "\x80\x80\x80\x80\x80\x80", text.PIIOptions{Names: names})))
}

func spansOf(found []text.Finding) (out []text.Span) {
	for _, x := range found {
		out = append(out, x.Span)
	}
	return out
}

func TestAllowAndDeny(t *testing.T) {
	body := "Write to ada@example.com or help@example.com about Project Zephyr, zephyrs and ZEPHYR."
	o := text.PIIOptions{Allow: []string{"HELP@example.com"}, Deny: []string{"Zephyr", "project zephyr", "example"}}
	require.Equal(t, []string{
		"denied: ada@example.com", "denied: example", "denied: Project Zephyr", "denied: ZEPHYR",
	}, shown(body, findPII(t, body, o)))
	o.Kinds = text.PIIEmail
	require.Equal(t, []string{"email: ada@example.com"}, shown(body, findPII(t, body, o)))
}

func TestPIIOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]text.PIIOptions{
		"an unknown kind":        {Kinds: 1 << 30},
		"a negative score":       {MinScore: -1},
		"a score above one":      {MinScore: 1.1},
		"nothing to be denied":   {Deny: []string{""}},
		"half a letter":          {Deny: []string{"\xc3"}},
		"a score that is no one": {MinScore: nan()},
	} {
		_, err := text.FindPII("", o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestPIIKindText(t *testing.T) {
	for kind, name := range map[text.PIIKind]string{
		0: "none", text.PIIEmail: "email", text.PIIEmail | text.PIICard: "email,card", text.PIIDenied: "denied",
	} {
		require.Equal(t, name, kind.String())
		var back text.PIIKind
		require.NoError(t, back.UnmarshalText([]byte(name)))
		require.Equal(t, kind, back)
	}
	require.Equal(t, "0x20000000", text.PIIKind(1<<29).String())
	var k text.PIIKind
	require.ErrorIs(t, k.UnmarshalText([]byte("email,shoe")), quintet.ErrInput)
	b, err := json.Marshal(findPII(t, "ada@example.com", text.PIIOptions{})[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"start":0,"end":15,"kind":"email","score":0.95}`, string(b))
}

func TestFindPIIAllocatesTheResultOnly(t *testing.T) {
	if text.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	prose := strings.Repeat("In 2019 the 12 cats of 3 May 1999 ate 555 mice; 0x1F is no key: see a@b, bc1q, 1.2.3. ", 20)
	require.Zero(t, testing.AllocsPerRun(20, func() { findPII(t, prose, text.PIIOptions{}) }))
}

// TestPIIWorkGrowsWithTheBody counts the bytes that the scanners look at, for each
// attack: at most a fixed number for each byte of the body.
func TestPIIWorkGrowsWithTheBody(t *testing.T) {
	const size = 1 << 16
	patterns := append([]string{
		"1 ", "12-", "123-45-", "4111 ", "AA11 ", "GB11 ", "1A ", "0 ", "01 ", "+1", "+44 ", "+", "::", "1:", "a:b:", "00:",
		"00-", "a.b@", "eyJ", "-eyJ", "eyJa.", "sk-", "ghp_", "AKIA", "ASIA", "-----BEGIN PRIVATE KEY-----\n", "www.",
		"SG.", "password:", "password=", "born 1 May ", "3.", "1/", "(1", "bc1q", "bc1q ", "0x", "X1234567L ", "A B 1 ",
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN ", "tel 5552345678 ", "a@b.c@", "https://a:b@", "ya29.", "xoxb-", "é1", "1é",
	}, hostile...)
	for _, p := range patterns {
		body := strings.Repeat(p, size/len(p))
		work := text.PIIWork(body)
		require.LessOrEqual(t, work, 64*len(body), "%q", p)
		require.LessOrEqual(t, work, 2*text.PIIWork(body[:len(body)/2])+1<<12, "%q", p)
	}
}

// FuzzFindPII: in order, apart, inside the body, of one kind, scores in range, and
// the same again.
func FuzzFindPII(f *testing.F) {
	f.Add(personal, "Okafor")
	f.Add("AB 12 34 56 C RSS MRA 85T10 A562S (555) 234-5678a@b.co:2001:db8::1", "a@b")
	for _, p := range hostile {
		f.Add(strings.Repeat(p, 9), p)
	}
	f.Fuzz(func(t *testing.T, body, deny string) {
		o := text.PIIOptions{Names: func(s string) []text.Span { return []text.Span{{Start: len(s) / 3, End: len(s)}} }}
		if deny != "" && utf8.ValidString(deny) {
			o.Deny = []string{deny}
		}
		found := findPII(t, body, o)
		end := 0
		for _, x := range found {
			if x.Start < end || x.End <= x.Start || x.End > len(body) {
				t.Fatalf("%+v behind %d of %d", x, end, len(body))
			}
			if x.Kind == 0 || x.Kind&(x.Kind-1) != 0 || !(x.Score >= .5 && x.Score <= 1) {
				t.Fatalf("%+v", x)
			}
			end = x.End
		}
		if again := findPII(t, body, o); !slices.Equal(found, again) {
			t.Fatalf("%v, then %v", found, again)
		}
	})
}

func ExampleFindPII() {
	body := "Call +44 20 7946 0958 or write to ada@example.com; card 4111 1111 1111 1111."
	found, err := text.FindPII(body, text.PIIOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range found {
		fmt.Println(f.Kind, f.Form, f.Of(body), f.Score)
	}
	// Output:
	// phone  +44 20 7946 0958 0.95
	// email  ada@example.com 0.95
	// card visa 4111 1111 1111 1111 0.99
}
