package merge

// Label returns what people call the field at a path; empty where the rules do not say, and for the record as a whole.
func (r *Rules) Label(path string) string {
	if path == "" {
		return ""
	}
	rule := r.root()
	for path != "" && rule != nil {
		var token string
		if token, path = cutToken(path); rule.isKeyed() {
			rule = rule.Items
			continue
		}
		rule = rule.member([]byte(token))
	}
	if rule == nil {
		return ""
	}
	return rule.Label
}
