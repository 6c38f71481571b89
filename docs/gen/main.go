// Command gen writes the pages of the documentation that follow from the code: errors.md
// from the table of the server, configuration.md from the settings of server/config.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run .

// pages are the names of the files in docs and what makes them.
var pages = map[string]func() (string, error){
	"errors.md":        errorsPage,
	"configuration.md": configurationPage,
}

func main() {
	for name, page := range pages {
		body, err := page()
		if err == nil {
			err = os.WriteFile(filepath.Join("..", name), []byte(body), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}
