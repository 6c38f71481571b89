package text

import "strings"

// piiHint is a set of topics that words before a number speak of.
type piiHint uint32

const (
	nearPhone piiHint = 1 << iota
	nearCard
	nearBank
	nearBirth
	nearNet
	nearVersion // what looks like an address may be a version
	nearState   // numbers of a state in general
	nearAU
	nearBR
	nearCA
	nearCH
	nearCN
	nearDE
	nearES
	nearFI
	nearFR
	nearIN
	nearIT
	nearNHS
	nearNI
	nearNL
	nearPL
	nearSE
	nearUS
)

// contextWords are in lower case, of letters only.
var contextWords = func() map[string]piiHint {
	m := map[string]piiHint{}
	for bit, list := range map[piiHint]string{
		nearPhone: `phone phones telephone tel mobile cell cellphone fax call calls called calling dial ring text sms
			whatsapp hotline helpline contact telefon handy rufnummer téléphone teléfono telefono celular móvil
			telefone telefoon mobil numéro ph mob`,
		nearCard: `card cards visa mastercard amex maestro discover credit debit pan karte kreditkarte carte tarjeta
			cartão carta`,
		nearBank:    "iban bank account konto bankverbindung compte cuenta conto conta rekening swift bic",
		nearBirth:   `birth born dob birthday birthdate geboren geb geburtsdatum geburtstag né née naissance nacido nacida nacimiento nato nata nascita nascido nascida nascimento geboortedatum`,
		nearNet:     "ip ipv host hosts server address addr client network subnet gateway dns ping login from",
		nearVersion: "version versions ver v release section chapter build",
		nearState: `tax taxpayer tin national identity identification citizen insurance passport personal steuer
			fiscal impôts ausweis`,
		nearAU:  "tfn australia australian",
		nearBR:  "cpf cnpj",
		nearCA:  "sin canada canadian",
		nearCH:  "ahv avs ahvn oasi",
		nearCN:  "身份证 resident china chinese",
		nearDE:  "steueridentifikationsnummer steuernummer steuerid idnr identifikationsnummer idnummer",
		nearES:  "dni nie nif documento",
		nearFI:  "hetu henkilötunnus",
		nearFR:  "nir sécurité sociale sécu",
		nearIN:  "aadhaar aadhar uidai uid",
		nearIT:  "codice cf",
		nearNHS: "nhs patient health",
		nearNI:  "nino ni insurance",
		nearNL:  "bsn burgerservicenummer sofinummer",
		nearPL:  "pesel",
		nearSE:  "personnummer personnr pnr",
		nearUS:  "ssn itin social ss",
	} {
		for word := range strings.FieldsSeq(list) {
			m[word] |= bit
		}
	}
	return m
}()

const (
	contextReach = 48 // bytes before a number that are read
	contextWord  = 32 // bytes of the longest word
)

// before returns what the words of the 48 bytes before at speak of. A word that
// is cut in two by the reach does not count.
func (f *piiFinder) before(at int) piiHint {
	if f.nearAt == at {
		return f.near
	}
	f.nearAt, f.near = at, 0
	from := max(0, at-contextReach)
	var word [contextWord]byte
	n, cut := 0, from > 0
	for i := from; i <= at; i++ {
		if i < at && classOf[f.s[i]]&(letterByte|highByte) != 0 {
			if b := f.s[i]; n < contextWord {
				if 'A' <= b && b <= 'Z' {
					b += 'a' - 'A'
				}
				word[n] = b
				n++
			}
			continue
		}
		if n > 1 && !cut || n == 1 && word[0] == 'v' {
			f.near |= contextWords[string(word[:n])]
		}
		n, cut = 0, false
	}
	f.work += at - from
	return f.near
}
