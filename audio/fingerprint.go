package audio

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// Fingerprint returns the fingerprint of a clip, by which the same recording is found
// again in another file: see [dsp.Fingerprint.Match]. The clip is mixed to one channel
// and resampled to [dsp.FingerprintRate] first. A clip of less than 2.8 s has none.
// The error of a clip that is not valid wraps [quintet.ErrInput]. It takes time
// proportional to the samples.
func Fingerprint(c Clip) (dsp.Fingerprint, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	if err := c.checkFinite(); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	mono, err := c.Mono().resample(context.Background(), newResampler(c.Rate, dsp.FingerprintRate))
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	return dsp.NewFingerprinter().Add(nil, mono.Samples), nil
}
