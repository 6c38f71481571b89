package vision

import (
	"cmp"
	"context"
	"slices"
)

// readGroup reads lines of similar width in one run of each model.
func (r *lineReader) readGroup(ctx context.Context, s *source, row func(y int) []uint8, lines []*readLine) error {
	crops := make([]lineCrop, len(lines))
	for i, l := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		crops[i] = newLineCrop(s.w, s.h, row, l.frame)
	}
	if err := r.orient(ctx, crops); err != nil {
		return err
	}
	if err := r.recognise(ctx, crops, lines); err != nil {
		return err
	}
	return r.readTurned(ctx, crops, lines)
}

// sureScore is the score below which a line is read the other way round too.
const sureScore = 0.8

// readTurned reads the lines of low score upside down and keeps what is surer: the
// orientation model takes a few lines for what they are not.
func (r *lineReader) readTurned(ctx context.Context, crops []lineCrop, lines []*readLine) error {
	if r.orientation == nil {
		return nil
	}
	var unsure []lineCrop
	var before, after []*readLine
	for i, l := range lines {
		if l.score() < sureScore {
			c := crops[i]
			c.frame = c.frame.turned()
			unsure, before, after = append(unsure, c), append(before, l), append(after, new(readLine))
		}
	}
	if len(unsure) == 0 {
		return nil
	}
	if err := r.recognise(ctx, unsure, after); err != nil {
		return err
	}
	for i, l := range after {
		if l.score() > before[i].score() {
			*before[i] = *l
		}
	}
	return nil
}

// orient turns the lines that are upside down. The model sees the begin of a line,
// four times as long as high: of a whole line squeezed into its input it is sure and
// often wrong.
func (r *lineReader) orient(ctx context.Context, lines []lineCrop) error {
	if r.orientation == nil {
		return nil
	}
	const size = 3 * lineHeight * turnWidth
	input := make([]float32, len(lines)*size) // zeros are what is not covered
	for i := range lines {
		f := lines[i].frame
		begin := f.part(0, min(1, turnWidth/lineHeight*f.height()/f.width()))
		lines[i].fill(input[i*size:][:size], begin, min(f.modelWidth(), turnWidth), turnWidth)
	}
	shape, want := []int{len(lines), 3, lineHeight, turnWidth}, []int{len(lines), 2}
	p, _, err := runTextModel(ctx, r.orientation, "orientation", input, shape, want)
	if err != nil {
		return err
	}
	for i := range lines {
		if float64(p[2*i+1]) > r.opt.TurnThreshold {
			lines[i].frame = lines[i].frame.turned()
		}
	}
	return nil
}

// recognise puts what the crops say into lines.
func (r *lineReader) recognise(ctx context.Context, crops []lineCrop, lines []*readLine) error {
	const step = 8 // a column of the model's output, in pixels
	width := lineHeight
	for i := range crops {
		width = max(width, (crops[i].frame.modelWidth()+step-1)/step*step)
	}
	size := 3 * lineHeight * width
	input := make([]float32, len(crops)*size) // zeros are what is not covered
	for i := range crops {
		f := crops[i].frame
		crops[i].fill(input[i*size:][:size], f, f.modelWidth(), width)
	}
	shape, want := []int{len(crops), 3, lineHeight, width}, []int{len(crops), anyDim, len(r.ctc.texts)}
	p, got, err := runTextModel(ctx, r.recognition, "recognition", input, shape, want)
	if err != nil {
		return err
	}
	columns := got[1]
	each := columns * len(r.ctc.texts)
	for i := range crops {
		f := crops[i].frame
		column := float64(width) / float64(columns) / float64(f.modelWidth()) // as a part of the line
		*lines[i] = readLine{f, wordsOf(r.ctc.decode(p[i*each:][:each]), column)}
	}
	return nil
}

// groupLines returns lines in groups of at most n, the shortest first. The longest of
// a group is at most a quarter longer than the shortest, so that little is computed
// in vain.
func groupLines(lines []readLine, n int) (groups [][]*readLine) {
	all := make([]*readLine, len(lines))
	for i := range lines {
		all[i] = &lines[i]
	}
	width := func(l *readLine) int { return l.frame.modelWidth() }
	slices.SortStableFunc(all, func(a, b *readLine) int { return cmp.Compare(width(a), width(b)) })
	begin := 0
	for end := 1; end <= len(all); end++ {
		if end < len(all) && end-begin < n && 4*width(all[end]) <= 5*width(all[begin]) {
			continue
		}
		groups = append(groups, all[begin:end])
		begin = end
	}
	return groups
}
