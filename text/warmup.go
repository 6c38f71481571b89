package text

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

func checkWarmUp(budget time.Duration) error {
	if budget < 0 {
		return fmt.Errorf("text: WarmUp is %v: %w", budget, quintet.ErrOption)
	}
	return nil
}

// warmUp has a batcher measure when batches pay, for about as long as budget says;
// 0 is not at all. sample makes an input of prose that the batcher takes to be n
// tokens long, longest at most.
func warmUp[In, Out any](
	b *optimize.Batcher[In, Out], budget time.Duration, longest int, sample func(n int) In,
) error {
	if budget == 0 {
		return nil
	}
	var lengths []int
	for n := 8; n <= 256; n *= 2 {
		if lengths = append(lengths, min(n, max(longest, 1))); n >= longest {
			break
		}
	}
	return b.Calibrate(context.Background(), budget, sample, lengths...)
}

// prose returns an English text that [transformer.length] takes for n tokens.
func prose(n int) string {
	const sentence = "The river ran past the old glass works, and every morning a boy counted the boats. "
	size := max(4*(n-2), 1)
	return strings.Repeat(sentence, size/len(sentence)+1)[:size]
}
