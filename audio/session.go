package audio

import (
	"context"
	"errors"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// openSession loads a model on the backend of rt, the default one if it is nil, and on
// the native backend where that cannot run it.
func openSession(
	ctx context.Context, rt *optimize.Runtime, m optimize.Model, o optimize.SessionOptions,
) (optimize.Session, error) {
	if rt == nil {
		rt = optimize.Default()
	}
	session, err := rt.Session(ctx, m, o)
	if !errors.Is(err, quintet.ErrUnsupported) {
		return session, err
	}
	native, nativeErr := optimize.NewNative(optimize.NativeOptions{})
	if nativeErr != nil {
		return nil, errors.Join(err, nativeErr)
	}
	return native.Load(ctx, m, o)
}
