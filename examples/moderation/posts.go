package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/text"
)

// maxLine bounds a post.
const maxLine = 1 << 20

// summary counts the decisions.
type summary [3]int

// String tells the counts.
func (s summary) String() string {
	return fmt.Sprintf("%d posts: %d allowed, %d to review, %d blocked", s[0]+s[1]+s[2], s[allow], s[review], s[block])
}

// all judges the posts of a reader and writes a verdict for each line. A line that is no
// post is blocked under its number.
func (j *judge) all(ctx context.Context, in io.Reader, out io.Writer, bar *terminal.Bar) (sum summary, err error) {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	number := 0
	err = eachLine(in, func(line []byte) error {
		number++
		var p post
		v := verdict{ID: fmt.Sprintf("line %d", number)}
		if err := json.Unmarshal(line, &p); err != nil {
			v.because(block, "form", "%v", err)
		} else if v, err = j.judge(ctx, p); err != nil {
			return err
		}
		sum[v.Decision]++
		bar.Step(len(line)+1, v.ID)
		return lines.Encode(v)
	})
	return sum, err
}

// eachLine uses the lines of a reader that are not empty. Of one that is too long use
// gets the beginning, which is no JSON.
func eachLine(in io.Reader, use func([]byte) error) error {
	r := bufio.NewReaderSize(in, maxLine)
	for {
		line, err := r.ReadSlice('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := use(line); err != nil {
				return err
			}
		}
		for err == bufio.ErrBufferFull {
			_, err = r.ReadSlice('\n')
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// train makes a classifier of the examples in a file, whose labels are decisions.
func train(ctx context.Context, path string, bar *terminal.Bar) (*text.LinearClassifier, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var examples []text.LabeledText
	err = eachLine(f, func(line []byte) error {
		var e text.LabeledText
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("%s, example %d: %w", path, len(examples)+1, err)
		}
		if !slices.Contains(decisions, e.Label) {
			return fmt.Errorf("%s, example %d: label %q, want one of %v", path, len(examples)+1, e.Label, decisions)
		}
		examples = append(examples, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	const passes = 10
	bar.Start(passes)
	defer bar.Stop()
	return text.Train(ctx, slices.Values(examples), text.TrainOptions{
		Epochs: passes, Progress: func(text.TrainProgress) { bar.Step(1, "passes over the examples") },
	})
}
