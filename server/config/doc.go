// Package config reads the settings of a service from a YAML file and from environment
// variables into a typed [Config], and refuses what is weak in production.
//
//	c, err := config.Load(config.LoadOptions{File: "config.yml", Environ: os.Environ()})
//
// It is for programs. The other packages of this module take structs of options and
// read neither files nor the environment; this one reads what its caller hands over.
//
// # Settings
//
// A setting has a place in the file, such as database.host, and a variable, such as
// DB_HOST. A variable that is set and not empty wins over the file, which wins over the
// default. [Reference] lists all settings. In the file an unknown or repeated key is an
// error with its line. A scalar may hold ${NAME}, which is an error if that variable is
// not set, ${NAME:-default}, and $$ for a dollar sign. What a variable holds is put in
// as it is: it cannot add keys.
//
// A list is a YAML sequence; as a variable it is split at commas, or is a JSON array.
// A duration is a number of seconds or such as 1m30s.
//
// # Secrets
//
// A [Secret] prints as *** everywhere. For the variable of each secret there is one with
// _FILE at its end, which names a file to read it from, as orchestrators mount it.
//
// # Profiles
//
// [Development] takes everything that makes sense. [Staging] and [Production] refuse
// open origins, missing authentication, short or well-known secrets, and connections
// without TLS to other machines; Production refuses DEBUG too. See [Config.Validate].
//
// # Limits
//
// YAML anchors, aliases, merge keys, tags and several documents in a file are errors,
// and so is a file above 256 KiB. A value is read once: who rotates secrets loads again.
package config
