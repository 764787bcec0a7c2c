import { NotFound } from '../../kit/not-found.tsx';

export default NotFound;
