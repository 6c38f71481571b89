// Package archtest holds the laws of the house: who may import whom, what must
// be documented, which habits stay out. A law reads the repository as a file
// system and returns its violations, one per string, as "path: what":
//
//	bad := archtest.Imports(os.DirFS("../.."))
//
// The package's own tests hold every law against this repository and against a
// planted violation.
//
// # Limits
//
// The laws parse files one by one, whatever their build constraints, and know no
// types. Only [Heavy] asks the go command.
package archtest
