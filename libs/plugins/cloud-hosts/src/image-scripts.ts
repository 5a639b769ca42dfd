import { PRELUDE } from './host-scripts.js';

/** What a host lacks of an image. Arguments: where it shall be, and a file of this host that may become it as it is, or nothing. The last line says `there` or `have N`. */
export const ASK_IMAGE = `${PRELUDE}
mkdir -p "$d/images" || exit 1
[ -e "$1" ] && { echo there; exit; }
[ -n "$2" ] && ln "$2" "$1" 2>/dev/null && { echo there; exit; }
have=0
[ -e "$1.part" ] && have=$(stat -c %s "$1.part")
echo "have $have"
`;

/**
 * Takes the rest of an image from its input. Arguments: where it shall be, from which byte on, bytes and SHA-256 of the whole. Nobody sees it before it is
 * whole. The last line says \`there\`, \`busy\` (another process sends it), \`moved\` (and has sent some), \`short\` (the sender broke off: what came stays for the next) or \`wrong\`.
 */
export const TAKE_IMAGE = `${PRELUDE}
exec 9>>"$1.lock" && flock -n 9 || { echo busy; exit; }
[ -e "$1" ] && { rm -f "$1.lock"; echo there; exit; }
have=0
[ -e "$1.part" ] && have=$(stat -c %s "$1.part")
[ "$have" -le "$3" ] || { rm -f "$1.part"; echo moved; exit; }
[ "$have" -eq "$2" ] || { echo moved; exit; }
free=$(df -Pk "$d/images" | { read -r _; read -r _ _ _ free _; echo "$free"; })
[ "$free" -gt $((($3 - $2) / 1024)) ] || { echo "no space left on device for an image of $3 bytes" >&2; exit 1; }
cat >>"$1.part" || { rm -f "$1.part"; exit 1; }
[ "$(stat -c %s "$1.part")" -eq "$3" ] || { echo short; exit; }
[ "$(sha256sum "$1.part" | cut -d ' ' -f 1)" = "$4" ] || { rm -f "$1.part"; echo wrong; exit; }
mv "$1.part" "$1" && rm -f "$1.lock" && echo there
`;

/** Arguments: names of images that stay. A machine has its base by a link of its own, so what goes here goes from no machine. */
export const TIDY_IMAGES = `${PRELUDE}
for i in "$d"/images/*; do
  [ -e "$i" ] || continue
  name=\${i##*/}
  for keep; do
    case $name in "$keep" | "$keep.part" | "$keep.lock") continue 2 ;; esac
  done
  rm -f "$i"
done
echo done
`;
