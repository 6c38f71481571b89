package vector

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The directory of a tenant begins with one of these, so that it is never empty,
// hidden, or a name that an operating system keeps for itself.
const (
	plainTenant  = "t-"
	hashedTenant = "h-"

	maxTenantDir = 120 // bytes; file systems allow 143 and more
)

const hexDigits = "0123456789abcdef"

// tenantDir returns the name of a tenant's directory, another one for every name,
// also where upper and lower case are the same and letters are normalized.
func tenantDir(name string) string {
	b := []byte(plainTenant)
	for i := 0; i < len(name) && len(b) <= maxTenantDir; i++ {
		if x := name[i]; plainByte(x) {
			b = append(b, x)
		} else {
			b = append(b, '_', hexDigits[x>>4], hexDigits[x&15])
		}
	}
	if len(b) <= maxTenantDir {
		return string(b)
	}
	sum := sha256.Sum256([]byte(name))
	return hashedTenant + hex.EncodeToString(sum[:])
}

func plainByte(x byte) bool { return 'a' <= x && x <= 'z' || '0' <= x && x <= '9' || x == '-' }

// tenantOf returns the name for which tenantDir returns dir, if dir tells.
func tenantOf(dir string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(dir, plainTenant)
	if !ok {
		return "", false
	}
	var b []byte
	for i := 0; i < len(rest); i++ {
		x := rest[i : i+1]
		if x[0] != '_' {
			b = append(b, x[0])
			continue
		}
		if i+3 > len(rest) {
			return "", false
		}
		raw, err := hex.DecodeString(rest[i+1 : i+3])
		if err != nil {
			return "", false
		}
		b = append(b, raw...)
		i += 2
	}
	return string(b), tenantDir(string(b)) == dir
}
