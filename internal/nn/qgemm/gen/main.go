// Command gen writes the assembly of package qgemm. It is run by go generate
// in that package's folder.
package main

import (
	"log"
	"os"
)

func main() {
	for name, text := range files() {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// files returns the assembly by file name.
func files() map[string]string {
	return map[string]string{
		"mul_amd64.s":    mulAMD64(),
		"narrow_amd64.s": narrowAMD64(),
		"float_amd64.s":  floatAMD64(),
		"quant_amd64.s":  quantAMD64(),
		"mul_arm64.s":    mulARM64(),
		"float_arm64.s":  floatARM64(),
		"quant_arm64.s":  quantARM64(),
	}
}
