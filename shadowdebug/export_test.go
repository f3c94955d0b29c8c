package shadowdebug

// HashOf is a style sheet's hash as a policy has it.
var HashOf = hashOf

// MostShown is how many classes a page shows if not asked for all.
const MostShown = mostShown

// MostRemembered is how many classes a former look knows.
const MostRemembered = mostRemembered

// ReadFormer decodes a former look and encodes it again.
func ReadFormer(text string) (string, error) {
	f, err := decodeFormer(text)
	if err != nil {
		return "", err
	}
	return f.encode(), nil
}
