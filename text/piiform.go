package text

// piiForms are the numbers that shape, check digits and words tell apart. Where a
// score is 0 the number is no finding without a word near it.
var piiForms = [...]piiForm{
	{kind: PIICard, patterns: "dddd~dddd~dddd~dddd,dddd~dddd~dddd~dddd~ddd,dddd~dddddd~ddddd,dddd~dddddd~dddd",
		marks: " -", valid: card, parts: .9, near: .99, hints: nearCard},
	{kind: PIICard, valid: card, bare: .8, near: .99, hints: nearCard,
		patterns: "dddddddddddddd,ddddddddddddddd,dddddddddddddddd,ddddddddddddddddd,dddddddddddddddddd,ddddddddddddddddddd"},
	{kind: PIICard, patterns: "ddddddddddddd", valid: card, near: .9, hints: nearCard}, // or the number of an article

	{kind: PIINationalID, name: "us-ssn", patterns: "ddd~dd~dddd,ddddddddd", marks: "- ", valid: ssn, parts: .7, near: .95,
		hints: nearUS},
	{kind: PIINationalID, name: "us-itin", patterns: "ddd~dd~dddd,ddddddddd", marks: "- ", valid: itin, parts: .7, near: .95,
		hints: nearUS | nearState},
	{kind: PIINationalID, name: "uk-nino", patterns: "LLddddddL,LL~dd~dd~dd~L,LL~dddddd~L", marks: " -", valid: nino, bare: .7,
		parts: .7, near: .95, hints: nearNI | nearState},
	{kind: PIINationalID, name: "uk-nhs", patterns: "dddddddddd,ddd~ddd~dddd", marks: " -", valid: nhs, near: .95, hints: nearNHS},
	{kind: PIINationalID, name: "de-steuerid", patterns: "ddddddddddd,dd~ddd~ddd~ddd", marks: " ", valid: steuerID, bare: .55,
		parts: .8, near: .95, hints: nearDE | nearState},
	{kind: PIINationalID, name: "fr-nir", patterns: "ddddddcdddddddd,d~dd~dd~dc~ddd~ddd~dd", marks: " .-", valid: nir, bare: .85,
		parts: .95, near: .99, hints: nearFR | nearState},
	{kind: PIINationalID, name: "es-dni", patterns: "ddddddddl,dddddddd~l,dd.ddd.ddd~l", marks: "- ", valid: dni, bare: .7,
		parts: .75, near: .95, hints: nearES},
	{kind: PIINationalID, name: "es-nie", patterns: "ldddddddl,l~ddddddd~l,l~dddddddl,lddddddd~l", marks: "- ", valid: nie,
		bare: .75, parts: .8, near: .95, hints: nearES},
	{kind: PIINationalID, name: "it-cf", patterns: "llllllcclcclcccl,llllll~cclcc~lcccl,lll~lll~cclcc~lcccl", marks: " ",
		valid: codiceFiscale, bare: .95, parts: .95, near: .99, hints: nearIT},
	{kind: PIINationalID, name: "nl-bsn", patterns: "ddddddddd,dddd.dd.ddd", valid: bsn, near: .9, hints: nearNL},
	{kind: PIINationalID, name: "pl-pesel", patterns: "ddddddddddd", valid: pesel, bare: .6, near: .95, hints: nearPL},
	{kind: PIINationalID, name: "se-personnummer", patterns: "dddddd~dddd,dddddddd~dddd,dddddddddddd,dddddddddd",
		marks: "-+", valid: personnummer, parts: .8, near: .95, hints: nearSE},
	{kind: PIINationalID, name: "fi-hetu", patterns: "dddddd~dddc,ddddddLdddc", marks: "-+", valid: hetu, bare: .8, parts: .9,
		near: .99, hints: nearFI},
	{kind: PIINationalID, name: "ch-ahv", patterns: "ddd.dddd.dddd.dd,ddddddddddddd,ddd dddd dddd dd", valid: ahv, bare: .6,
		parts: .9, near: .99, hints: nearCH},
	{kind: PIINationalID, name: "br-cpf", patterns: "ddd.ddd.ddd-dd,ddddddddddd", valid: cpf, parts: .95, near: .95, hints: nearBR},
	{kind: PIINationalID, name: "br-cnpj", patterns: "dd.ddd.ddd/dddd-dd,dddddddddddddd", valid: cnpj, bare: .6, parts: .95,
		near: .95, hints: nearBR},
	{kind: PIINationalID, name: "in-aadhaar", patterns: "dddd~dddd~dddd,dddddddddddd", marks: " -", valid: aadhaar, parts: .7,
		near: .95, hints: nearIN},
	{kind: PIINationalID, name: "ca-sin", patterns: "ddd-ddd-ddd,ddd ddd ddd,ddddddddd", valid: sin, near: .95, hints: nearCA},
	{kind: PIINationalID, name: "au-tfn", patterns: "ddd ddd ddd,ddddddddd", valid: tfn, near: .95, hints: nearAU},
	{kind: PIINationalID, name: "cn-rrid", patterns: "dddddddddddddddddc", valid: residentID, bare: .9, near: .99, hints: nearCN},

	{kind: PIIPhone, patterns: "ddd~ddd~dddd,d~ddd~ddd~dddd", marks: "-. ", valid: nanp, parts: .75, near: .95, hints: nearPhone},
	{kind: PIIPhone, patterns: "ddd) ddd-dddd,ddd)ddd-dddd,ddd) ddd dddd,ddd) ddd.dddd", valid: nanp, parts: .85, near: .95,
		hints: nearPhone},
	{kind: PIIPhone, patterns: "dd) dddd-dddd,dd) ddddd-dddd,dd) dddd dddd,dd) ddddd dddd", valid: anyNumber, parts: .75,
		near: .95, hints: nearPhone},
	{kind: PIIPhone, valid: localPhone, near: .7, hints: nearPhone,
		patterns: "ddd-dddd,ddd.dddd,dddddddd,ddddddddd,dddddddddd,ddddddddddd,dddd~dddd,ddddd~ddddd,ddd~ddd~ddd,ddd~dd~dd~dd,dd~dd~dd~dd,ddd~dddd~dddd,dddd~ddd~ddd",
		marks:    " -"},
}

func anyNumber(n piiNumber) bool { return !n.uniform() }

// nanp checks a number of ten digits, or eleven with the 1 in front, of the North
// American Numbering Plan: neither the area nor the exchange begins with 0 or 1.
func nanp(n piiNumber) bool {
	at := n.n - 10
	if at == 1 && n.b[0] != '1' {
		return false
	}
	return n.b[at] > '1' && n.b[at+3] > '1' && !n.uniform()
}

// localPhone accepts a number without a code of its area; none begins with 0,
// which [piiFinder.trunk] sees to.
func localPhone(n piiNumber) bool { return n.b[0] != '0' && !n.uniform() }
