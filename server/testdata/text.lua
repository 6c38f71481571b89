-- The request of wrk: a text of a few hundred words.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"operations":["sentences","sentiment","keywords"],"text":"' ..
	string.rep("The orchestra played a wonderful concert in Vienna last night. ", 60) .. '"}'
