// Command seccheck runs the rules of gosec over the module and prints what it finds, but
// for findings that explained.go explains. It fails if there are any, and if an
// explanation has nothing left to explain.
//
//	go run . ../..
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/issue"
	"github.com/securego/gosec/v2/rules"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: seccheck <root of the module>")
	}
	root, err := filepath.Abs(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	found, files, err := scan(root)
	if err != nil {
		log.Fatal(err)
	}
	left, idle := sift(root, found)
	for _, line := range left {
		fmt.Println(line)
	}
	for _, e := range idle {
		fmt.Printf("explained.go: nothing is left of %s in %s\n", e.rule, cmp.Or(e.under, "the module"))
	}
	fmt.Printf("%d files, %d findings explained, %d not\n", files, len(found)-len(left), len(left))
	if len(left)+len(idle) > 0 {
		os.Exit(1)
	}
}

// scan returns what gosec finds in the module, with the twins of assembly in Go.
func scan(root string) (found []*issue.Issue, files int, err error) {
	a := gosec.NewAnalyzer(gosec.NewConfig(), false, false, false, 2, log.New(io.Discard, "", 0))
	a.LoadRules(rules.Generate(false, rules.NewRuleFilter(true, ignored()...)).RulesInfo())
	a.LoadAnalyzers(analyzers.Generate(false, analyzers.NewAnalyzerFilter(true, ignored()...)).AnalyzersInfo())
	folders, err := gosec.PackagePaths(filepath.Join(root, "..."), gosec.ExcludedDirsRegExp([]string{"testdata"}))
	if err != nil {
		return nil, 0, err
	}
	folders = slices.DeleteFunc(folders, func(dir string) bool { return nested(root, dir) })
	if err := a.Process([]string{"purego"}, folders...); err != nil {
		return nil, 0, err
	}
	found, stats, failed := a.Report()
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		return nil, 0, fmt.Errorf("%s: %v", name, failed[name])
	}
	return found, stats.NumFiles, nil
}

// nested reports whether a folder belongs to a module inside of the one at root.
func nested(root, dir string) bool {
	for ; dir != root && strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return true
		}
	}
	return false
}

// sift returns the findings that nothing explains, and the explanations of nothing.
func sift(root string, found []*issue.Issue) (left []string, idle []explanation) {
	used := make([]bool, len(explained))
	for _, f := range found {
		file, err := filepath.Rel(root, f.File)
		if err != nil {
			file = f.File
		}
		at := slices.IndexFunc(explained, func(e explanation) bool {
			return e.rule == f.RuleID && strings.HasPrefix(filepath.ToSlash(file), e.under)
		})
		if at < 0 {
			left = append(left, fmt.Sprintf("%s:%s: %s: %s", file, f.Line, f.RuleID, f.What))
			continue
		}
		used[at] = true
	}
	for i, e := range explained {
		if !used[i] {
			idle = append(idle, e)
		}
	}
	slices.Sort(left)
	return left, idle
}
