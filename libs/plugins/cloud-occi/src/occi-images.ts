import type { CloudCall, Image, ImageCatalogue } from '@fogbow/plugin-contracts';
import type { OcciEndpoint } from './endpoint-client.js';
import { IMAGE_SCHEME, OS_TPL } from './occi-names.js';
import { isRecord, parseJson } from './occi-resource.js';

/** The images are the mixins of the query interface that are OS templates (spec §1.11). */
export function createImages(endpoint: OcciEndpoint): ImageCatalogue {
  return {
    async list({ token, signal }: CloudCall): Promise<readonly Image[]> {
      const { text } = await endpoint.ask({ method: 'GET', path: '/-/', token: token.value, signal });
      const answer = parseJson(text);
      const mixins = isRecord(answer) && Array.isArray(answer['mixins']) ? answer['mixins'].filter(isRecord) : [];
      return mixins.flatMap(imageOf);
    },
  };
}

function imageOf({ term, scheme, depends }: Record<string, unknown>): Image[] {
  if (typeof term !== 'string' || typeof scheme !== 'string' || !(Array.isArray(depends) && depends.includes(OS_TPL))) return [];
  return [{ id: scheme + term, name: scheme === IMAGE_SCHEME ? term : scheme + term }];
}
