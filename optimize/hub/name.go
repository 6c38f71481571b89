package hub

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"strings"
)

// private is the folder of a model's directory that holds what is under way.
const private = ".quintet"

// checkNames refuses names that could leave the directory of a model, hide in
// it, or mean the same file on a disk that ignores case.
func checkNames(names []string) error {
	seen := map[string]bool{}
	for _, name := range names {
		if !validName(name) {
			return fmt.Errorf("%q is no file name", name)
		}
		folded := strings.ToLower(name)
		if seen[folded] {
			return fmt.Errorf("%q stands there twice", name)
		}
		seen[folded] = true
	}
	return nil
}

// validName accepts relative paths with slashes that every system understands
// in the same way.
func validName(name string) bool {
	if len(name) > 1000 || name == "." || !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if strings.ContainsAny(name, `\:*?"<>|`) || strings.ContainsFunc(name, control) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if len(part) > 200 || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			return false
		}
	}
	first, _, _ := strings.Cut(strings.ToLower(name), "/")
	return first != private && first != ManifestName
}

// validRepo accepts "name" and "owner/name".
func validRepo(repo string) bool {
	return validName(repo) && strings.Count(repo, "/") <= 1 && plain(repo) && !strings.Contains(repo, "--")
}

func validRevision(rev string) bool { return validName(rev) && len(rev) <= 200 && plain(rev) }

// plain reports whether s has only characters that stand for themselves in
// addresses and directories, and no part that begins with a dot or a hyphen.
func plain(s string) bool {
	for part := range strings.SplitSeq(s, "/") {
		if part == "" || part[0] == '.' || part[0] == '-' {
			return false
		}
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/", r))
	})
}

// modelDir is where a revision of repo is kept.
func modelDir(dir, repo, revision string) string {
	return filepath.Join(dir, strings.ReplaceAll(repo, "/", "--"), url.PathEscape(revision))
}

// fileURL is where the server has a file.
func fileURL(endpoint, repo, revision, name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return endpoint + "/" + repo + "/resolve/" + url.PathEscape(revision) + "/" + path.Join(parts...)
}

// listURL is where the server has the list of a repository's files.
func listURL(endpoint, repo, revision string) string {
	return endpoint + "/api/models/" + repo + "/revision/" + url.PathEscape(revision) + "?blobs=true"
}
